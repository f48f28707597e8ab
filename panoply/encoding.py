"""One record as one line of a message's body, and back.

A line is a JSON object in UTF-8 with `__table` first, ended by a newline and holding no other. Which values have a JSON
form, and which, is `_jsonable`'s subject. No I/O, no batching.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any, Final

import orjson

from panoply._jsonable import LEAVES, converter, type_name, write
from panoply.errors import RecordError

__all__ = ["decode_line", "encode_record"]

_TABLE: Final = "__table"

# orjson leaves out a dataclass's fields that begin with "_", and the seconds of a time zone's offset: both are done here.
_OPTIONS: Final = orjson.OPT_APPEND_NEWLINE | orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_DATETIME

_CONTAINERS: Final = frozenset({dict, list, tuple})
_KNOWN: Final = LEAVES | _CONTAINERS | {float}

# Types of which orjson never writes one as `null`, but for None itself. It does so with NaN and Infinity.
_NEVER_NULL: Final = LEAVES | _CONTAINERS

# Levels that are left to orjson. It refuses more than 254 lists and dicts in each other, but does not count tuples, and
# overruns its buffer where a few thousand of them are nested (3.13).
_FAST_DEPTH: Final = 250


def encode_record(table: str, record: Mapping[Any, Any], *, encoder: Callable[[Any], Any] | None = None) -> bytes:
    r"""One line for `record`: `{"__table":"table",...}\n`. The record itself is never changed.

    Args:
        table: where the record belongs. A key `__table` of the record gives way to it.
        record: text, numbers, bools, None, dates, times, Decimals, UUIDs, Enums, dataclasses, lists, tuples and mappings of
            these. An `orjson.Fragment` in it is passed on as it is.
        encoder: called with a value of any other type; returns something of these types.

    Raises:
        RecordError: it has no JSON form. `place` and `reason` say where and why, without any of its values.
    """
    if not isinstance(table, str):
        raise RecordError("table", f"a table's name is text, not {type_name(table)}")
    if not table or table.isspace():
        raise RecordError("table", "a table's name cannot be empty")
    doc = _document(table, record)
    convert = converter(encoder)
    line = _quickly(doc, convert) or _with_care(table, doc, convert)
    if not line.isascii() and b"\xef\xbf" in line:
        # SQS refuses a body with U+FFFE or U+FFFF in it. Here these bytes can only be inside a string, where an escape will do.
        line = line.replace(b"\xef\xbf\xbe", b"\\ufffe").replace(b"\xef\xbf\xbf", b"\\uffff")
    return line


def decode_line(line: bytes) -> tuple[str, dict[str, Any]]:
    """The table and the record in a line that `encode_record` made.

    Numbers lose nothing: one that a float cannot hold comes back as a Decimal.
    """
    record: dict[str, Any] = json.loads(line, parse_float=_real, parse_int=_integer)
    return record.pop(_TABLE), record


def _document(table: str, record: object) -> dict[Any, Any]:
    if not isinstance(record, dict) and not isinstance(record, Mapping):
        raise RecordError("record", f"a record is a dict of column names and values, not {type_name(record)}")
    try:
        doc = {_TABLE: table, **record}
    except Exception as exc:
        raise RecordError("record", f"a {type_name(record)} that cannot be read: it raised {type_name(exc)}") from exc
    doc[_TABLE] = table
    return doc


def _quickly(doc: dict[Any, Any], convert: Callable[[object], object]) -> bytes | None:
    """The line, unless orjson refuses the record or may get it wrong."""

    def default(value: object) -> object:
        simpler = convert(value)
        if type(simpler) in _CONTAINERS and _kinds((simpler,)) is None:
            raise TypeError
        return simpler

    kinds = _kinds(doc.values())
    if kinds is None:
        return None
    try:
        line = orjson.dumps(doc, default=default, option=_OPTIONS)
    except TypeError as exc:
        # orjson also turns into a TypeError what is none of its business, such as Ctrl-C while `convert` runs.
        if isinstance(exc.__cause__, BaseException) and not isinstance(exc.__cause__, Exception):
            raise exc.__cause__ from None
        return None
    if not kinds <= _NEVER_NULL and b"null" in line and not _says(line, doc) and not _is_sound(doc.values()):
        return None
    # A Fragment is written with the line breaks that are in it.
    return line if line.find(b"\n") == len(line) - 1 else None


def _kinds(values: Iterable[object]) -> set[type] | None:
    """The types of all values, and of those in them; None if they are nested too deeply for orjson.

    Level by level, and in bulk: this runs for every record.
    """
    found = level = set(map(type, values))
    for _ in range(_FAST_DEPTH):
        if _CONTAINERS.isdisjoint(level):
            return found
        holders = [value for value in values if type(value) in _CONTAINERS]
        values = [item for held in holders for item in (held.values() if type(held) is dict else held)]  # type: ignore[attr-defined]
        level = set(map(type, values))
        found = found | level
    return None


def _says(line: bytes, doc: dict[Any, Any]) -> bool:
    """Whether the line, read again, is the record: then no `null` in it stands for anything but a None."""
    try:
        return bool(orjson.loads(line) == doc)
    except Exception:  # noqa: BLE001 - foreign values may compare in odd ways
        return False


def _with_care(table: str, doc: dict[Any, Any], convert: Callable[[object], object]) -> bytes:
    try:
        table.encode()
    except UnicodeEncodeError:
        raise RecordError("table", "its name holds half of a surrogate pair, which UTF-8 does not have") from None
    return write(doc, convert) + b"\n"


def _is_sound(values: Iterable[object]) -> bool:
    """Whether these values and all in them are of known types, and all floats finite."""
    kinds = set(map(type, values))
    if not kinds <= _KNOWN:
        return False
    if float in kinds and not all(math.isfinite(value) for value in values if type(value) is float):
        return False
    if kinds & _CONTAINERS:
        for value in values:
            if type(value) is dict:
                if not _is_sound(value.values()):
                    return False
            elif isinstance(value, list | tuple) and not _is_sound(value):
                return False
    return True


def _real(text: str) -> float | Decimal:
    number, exact = float(text), Decimal(text)
    return number if Decimal(repr(number)) == exact else exact


def _integer(text: str) -> int:
    try:
        return int(text)
    except ValueError:  # over 4300 digits the interpreter refuses, against slowness; Decimal does not
        return int(Decimal(text))
