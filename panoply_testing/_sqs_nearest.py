"""What to say when a record did not arrive: what was expected, what did arrive, and the nearest of it. Pure functions."""

from __future__ import annotations

import difflib
import json
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from panoply_testing._sqs_arrivals import text_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from panoply_testing._sqs_arrivals import Attempt

__all__ = ["explain", "missing", "summary"]

# So that the text stays readable in a terminal, however large the records: its length has a bound, a few thousand
# characters.
_RECORDS_SHOWN: Final = 3
_KEYS_SHOWN: Final = 8
_TABLES_SHOWN: Final = 8
_RECORD_WIDTH: Final = 240
_VALUE_WIDTH: Final = 60
_BEFORE: Final = 15

# Among records that differ in as few keys, the most alike is looked for: in so many of them, and so far into each.
_COMPARED: Final = 50
_COMPARED_WIDTH: Final = 200

Record = dict[str, Any]
_ABSENT: Final = object()


def missing(expected: Iterable[Record], arrived: Iterable[Record]) -> list[Record]:
    """The expected records that did not arrive. One that is expected twice has to be there twice."""
    there = Counter(map(text_of, arrived))
    lacking = []
    for record in expected:
        text = text_of(record)
        if there[text]:
            there[text] -= 1
        else:
            lacking.append(record)
    return lacking


def explain(
    lacking: Sequence[Record], arrived: Sequence[Record], attempts: Sequence[Attempt], hide: Callable[[str], str]
) -> str:
    """Tell which records did not arrive, and the nearest to each that did.

    Args:
        lacking: the records that were expected and are missing, each with its `__table`.
        arrived: the records that did arrive.
        attempts: what reached the queue, for where the records never got in.
        hide: takes the secrets out of a text. Texts are cut only after it.
    """
    many = "This record" if len(lacking) == 1 else f"{len(lacking):,} records"
    parts = [f"{many} did not arrive."]
    parts += [_one(record, arrived, hide) for record in lacking[:_RECORDS_SHOWN]]
    if len(lacking) > _RECORDS_SHOWN:
        parts.append(f"... and {len(lacking) - _RECORDS_SHOWN:,} more.")
    return "\n".join([*parts, summary(arrived, attempts, hide)])


def summary(arrived: Sequence[Record], attempts: Sequence[Attempt], hide: Callable[[str], str]) -> str:
    """How many records arrived for which tables, and what became of the attempts that did not simply succeed."""
    tables = Counter(str(record.get("__table")) for record in arrived)
    shown = [f"{count:,} for {_cut(hide(repr(table)))}" for table, count in tables.most_common(_TABLES_SHOWN)]
    if len(tables) > _TABLES_SHOWN:
        shown.append(f"... {len(tables) - _TABLES_SHOWN:,} more tables")
    records = "1 record" if len(arrived) == 1 else f"{len(arrived):,} records"
    lines = [f"Arrived: {records} ({', '.join(shown)})." if shown else "Arrived: nothing."]
    told = Counter(str(attempt) for attempt in attempts if attempt.code or attempt.fault)
    lines += [f"Attempts: {len(attempts):,}."] if attempts else ["Attempts: none; no message for this queue came in."]
    lines += [f"  {count:,} x {_cut(hide(what))}" for what, count in told.most_common(_TABLES_SHOWN)]
    return "\n".join(lines)


def _one(record: Record, arrived: Sequence[Record], hide: Callable[[str], str]) -> str:
    lines = [f"  expected  {_cut(hide(text_of(record)), _RECORD_WIDTH)}"]
    near = nearest(record, arrived)
    if near is not None:
        lines.append(f"  nearest   {_cut(hide(text_of(near)), _RECORD_WIDTH)}")
        lines += _differences(record, near, hide)
    return "\n".join(lines)


def nearest(record: Record, arrived: Sequence[Record]) -> Record | None:
    """The record that differs in the fewest keys; of several, one of the same table, and then the most alike."""
    if not arrived:
        return None
    counted = [(len(_unlike(record, each)), each.get("__table") != record.get("__table"), each) for each in arrived]
    least = min(each[:2] for each in counted)
    closest = [each for *rank, each in counted if tuple(rank) == least][:_COMPARED]
    text = text_of(record)[:_COMPARED_WIDTH]
    return max(closest, key=lambda each: _alike(text, text_of(each)[:_COMPARED_WIDTH]))


def _alike(one: str, other: str) -> float:
    return difflib.SequenceMatcher(None, one, other, autojunk=False).ratio()


def _unlike(one: Mapping[str, Any], other: Mapping[str, Any]) -> list[str]:
    # dict.fromkeys: in the record's own order, as its author reads it.
    keys = dict.fromkeys([*one, *other])
    return [key for key in keys if _text(one.get(key, _ABSENT)) != _text(other.get(key, _ABSENT))]


def _differences(expected: Record, near: Record, hide: Callable[[str], str]) -> list[str]:
    keys = _unlike(expected, near)
    if not keys:
        return ["            the same, but it was expected more often than it arrived"]
    lines = []
    for key in keys[:_KEYS_SHOWN]:
        wanted, got = hide(_text(expected.get(key, _ABSENT))), hide(_text(near.get(key, _ABSENT)))
        start = max(0, _common(wanted, got) - _BEFORE)
        lines.append(f"  differs   {_cut(hide(key))}: expected {_from(wanted, start)}, arrived {_from(got, start)}")
    if len(keys) > _KEYS_SHOWN:
        lines.append(f"            ... and {len(keys) - _KEYS_SHOWN:,} more keys")
    return lines


def _text(value: object) -> str:
    return "nothing" if value is _ABSENT else json.dumps(value, sort_keys=True, ensure_ascii=False)


def _common(one: str, other: str) -> int:
    pairs = enumerate(zip(one, other, strict=False))
    return next((position for position, (left, right) in pairs if left != right), min(len(one), len(other)))


def _from(text: str, start: int) -> str:
    """The text from shortly before the difference, so that a difference far into it is still seen."""
    if len(text) <= _VALUE_WIDTH:
        return text
    return ("..." if start else "") + _cut(text[start:])


def _cut(text: str, width: int = _VALUE_WIDTH) -> str:
    return text if len(text) <= width else f"{text[:width]}..."
