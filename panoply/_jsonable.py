"""Turns any Python value into JSON, or says what in it has none, and where.

Here live the rules: which types have a JSON form, and which. `encoding` leaves the everyday record to orjson, comes here
for what orjson does not know (`converter`), and has a record that orjson refused, or might have got wrong, written with
care (`write`). Both ways give the same bytes.
"""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date, datetime, time
from decimal import Decimal
from enum import Enum
from typing import Any, Final
from uuid import UUID

import orjson

from panoply.errors import RecordError

__all__ = ["LEAVES", "converter", "type_name", "write"]

Convert = Callable[[object], object]

# Types whose JSON form is never `null` and holds no other value: whoever looks for NaN need not look into them.
LEAVES: Final = frozenset({type(None), str, bool, int, datetime, date, time, Decimal, UUID})

# Levels of lists and objects in each other. `json.loads` of a far end gives up at about 1000 frames of its interpreter,
# which its own callers share.
_MAX_DEPTH: Final = 500

# Steps of a place that are shown at either end: 500 levels of "children" help nobody.
_SHOWN_STEPS: Final = 8

_UNKNOWN: Final = object()


class _Unwritable(Exception):
    """A value has no JSON form; the steps that lead to it are added on the way out, innermost first."""

    def __init__(self, reason: str, *steps: object) -> None:
        super().__init__(reason)
        self.reason = reason
        self.steps = [_shown(step) for step in steps]


def write(doc: Mapping[str, object], convert: Convert) -> bytes:
    """`doc` as JSON, without a newline.

    Raises:
        RecordError: something in it has no JSON form.
    """
    out: list[bytes] = []
    try:
        _write(doc, convert, out, set(), 0)
    except _Unwritable as exc:
        # The chain would only repeat it; what an encoder or a conversion raised is worth showing.
        raise RecordError(_place(exc.steps), exc.reason) from exc.__cause__
    except RecursionError:
        raise RecordError(
            "record", f"nested too deeply for the {_MAX_DEPTH} levels that fit, or for where write() is called"
        ) from None
    except RuntimeError:
        raise RecordError("record", "it was changed, by another thread or by the encoder, while it was read") from None
    return b"".join(out)


def converter(encoder: Callable[[object], object] | None, *, asked_first: bool = False) -> Convert:
    """A function that brings a value of a type that JSON does not have one step nearer to JSON.

    It is made anew for each record, and calls `encoder` once for each object: a generator can be listed only once, and the
    record may be gone through twice.

    Args:
        encoder: asked for a value of a type that is not known here.
        asked_first: it is asked as `json.dumps` asks its `default`, for all but text, numbers, lists, tuples and dicts; what
            it raises a TypeError for is then treated as if there were no encoder.
    """
    if encoder is None:
        return _convert
    answers: dict[int, tuple[object, object, _Unwritable | None]] = {}

    def asked(value: object) -> object:
        if id(value) not in answers:  # which keep the value, so that its id stays its own
            answers[id(value)] = (value, *_ask(encoder, value, may_pass=asked_first))
        _, answer, error = answers[id(value)]
        if error is not None:
            raise error
        return answer

    def convert(value: object) -> object:
        simpler = _simpler(value)
        return asked(value) if simpler is _UNKNOWN else simpler

    def convert_as_json_does(value: object) -> object:
        answer = _UNKNOWN if isinstance(value, float | tuple) else asked(value)
        return _convert(value) if answer is _UNKNOWN else answer

    return convert_as_json_does if asked_first else convert


def type_name(value: object) -> str:
    """The name of a value's type as one would import it."""
    kind = type(value)
    return kind.__qualname__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__qualname__}"


def _convert(value: object) -> object:
    simpler = _simpler(value)
    if simpler is _UNKNOWN:
        raise _Unwritable(_advice(value))
    return simpler


def _simpler(value: object) -> object:
    try:
        for kind, simplify in _SIMPLER:
            if isinstance(value, kind):
                return simplify(value)
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
        if isinstance(value, tuple):
            return list(value)
        if isinstance(value, Mapping):
            return dict(value)
    except _Unwritable:
        raise
    except Exception as exc:
        raise _Unwritable(f"a {type_name(value)} that cannot be read: it raised {type_name(exc)}") from exc
    return _UNKNOWN


def _ask(encoder: Callable[[object], object], value: object, *, may_pass: bool) -> tuple[object, _Unwritable | None]:
    try:
        answer = encoder(value)
    except Exception as exc:  # noqa: BLE001 - the encoder is foreign code
        if may_pass and isinstance(exc, TypeError):
            return _UNKNOWN, None
        # Without its message, which may hold the value.
        error = _Unwritable(f"the encoder raised {type_name(exc)} for this {type_name(value)}")
        error.__cause__ = exc
        return None, error
    if answer is value:
        return None, _Unwritable(f"the encoder gave this {type_name(value)} back as it was")
    return answer, None


def _finite(value: float) -> float:
    if not math.isfinite(value):
        raise _Unwritable(_NOT_FINITE)
    return float(value)


def _number(value: Decimal) -> orjson.Fragment:
    if not value.is_finite():
        raise _Unwritable(_NOT_FINITE)
    return orjson.Fragment(str(value))


_NOT_FINITE: Final = "NaN or Infinity, which JSON does not have: write None, or leave the key out"

# In this order: an Enum may also be a float, a datetime is also a date.
_SIMPLER: Final[Sequence[tuple[type, Callable[[Any], object]]]] = (
    (Enum, lambda value: value.value),
    (float, _finite),
    (date, lambda value: value.isoformat()),
    (time, lambda value: value.isoformat()),
    (Decimal, _number),
    (UUID, str),
)

_ADVICE: Final[Sequence[tuple[type | tuple[type, ...], str]]] = (
    ((bytes, bytearray, memoryview), "decode it to text first, or hand binary data over with raw()"),
    (AbstractSet, "make it a list first, for example with sorted()"),
    (Generator, "make it a list first, with list()"),
    (type, "pass an instance, or its name"),
)


def _advice(value: object) -> str:
    general = "make it a dict, list, text or number first"
    advice = next((text for kind, text in _ADVICE if isinstance(value, kind)), general)
    return f"{type_name(value)} has no JSON form: {advice} (or pass encoder= to SDK)"


def _write(value: object, convert: Convert, out: list[bytes], trail: set[int], depth: int) -> None:
    """Append the JSON of `value` to `out`; `trail` has the ids of all that it is in.

    One frame a level: whoever calls `write()` has used up some of the interpreter's 1000 already.
    """
    here: list[object] = []  # kept until the end, so that no other object gets one of their ids
    try:
        while not _write_leaf(value, out):
            if id(value) in trail:
                raise _Unwritable(f"this {type_name(value)} is inside itself, and would never end")
            if depth + len(here) >= _MAX_DEPTH:
                raise _Unwritable(f"nested more than {_MAX_DEPTH} levels deep: flatten it, or write it as text")
            trail.add(id(value))
            here.append(value)
            if not isinstance(value, dict | list) and type(value) is not tuple:
                value = convert(value)
                continue
            out.append(b"{" if isinstance(value, dict) else b"[")
            for step, before, item in _entries(value):
                out.append(before)
                try:
                    _write(item, convert, out, trail, depth + len(here))
                except _Unwritable as exc:
                    exc.steps.append(_shown(step))
                    raise
            out.append(b"}" if isinstance(value, dict) else b"]")
            return
    finally:
        trail.difference_update(map(id, here))


def _entries(value: dict[object, object] | Sequence[object]) -> Iterator[tuple[object, bytes, object]]:
    """What is in a dict or list: where, what goes before it, and itself."""
    if not isinstance(value, dict):
        for index, item in enumerate(value):
            yield index, b"," if index else b"", item
        return
    seen: set[str] = set()
    for key, item in value.items():
        name = _key(key)
        if name in seen:
            raise _Unwritable("two keys of this dict are the same text in JSON, and one value would be lost", key)
        before = b"," if seen else b""
        seen.add(name)
        yield key, before + _string(name, "its key", key) + b":", item


def _write_leaf(value: object, out: list[bytes]) -> bool:
    """Write a value that holds no other, and tell whether it was one."""
    if value is None or value is True or value is False:
        out.append(orjson.dumps(value))
    elif isinstance(value, str):
        out.append(_string(value, "this text"))
    elif isinstance(value, int):
        out.append(_digits(value).encode())
    elif type(value) is float:
        if not math.isfinite(value):
            raise _Unwritable(_NOT_FINITE)
        out.append(orjson.dumps(value))
    elif isinstance(value, orjson.Fragment):
        out.append(_fragment(value))
    else:
        return False
    return True


def _string(text: str, what: str, *steps: object) -> bytes:
    try:
        return orjson.dumps(text)
    except TypeError:
        advice = "decode it with errors='replace'"
        raise _Unwritable(
            f"{what} holds half of a surrogate pair, which UTF-8 does not have: {advice}", *steps
        ) from None


def _digits(number: int) -> str:
    try:
        return int.__repr__(number)
    except ValueError:  # over 4300 digits the interpreter refuses, against slowness; Decimal does not
        return format(Decimal(number), "f")


def _fragment(fragment: orjson.Fragment) -> bytes:
    try:
        raw = orjson.dumps(fragment)
        json.loads(raw, parse_constant=_refuse)
    except (TypeError, ValueError):  # without the cause, which holds the text
        raise _Unwritable("this orjson.Fragment does not hold JSON") from None
    # Between the values of valid JSON, and only there, a line break is as good as a space.
    return raw.replace(b"\r", b" ").replace(b"\n", b" ")


def _refuse(name: str) -> object:
    raise ValueError(name)


def _key(key: object) -> str:
    """The text that `json.dumps` makes of a dict's key."""
    if isinstance(key, str):
        return str.__str__(key)
    if key is None or isinstance(key, float | bool):
        return json.dumps(key if key is None or isinstance(key, bool) else float(key))
    if isinstance(key, int):
        return _digits(key)
    raise _Unwritable(f"a key of this dict is a {type_name(key)}: keys have to be text (or numbers, bools or None)")


def _shown(key: object) -> str:
    """A key as it would stand between the brackets, in plain view: half a surrogate pair could not be printed."""
    name = _key(key)
    text = json.dumps(name, ensure_ascii=not name.isprintable()) if isinstance(key, str) else name
    return text if len(text) <= 80 else f"{text[:60]}…{text[-10:]}"


def _place(steps: list[str]) -> str:
    path = [f"[{step}]" for step in reversed(steps)]
    if len(path) > 2 * _SHOWN_STEPS:
        path[_SHOWN_STEPS:-_SHOWN_STEPS] = ["[…]"]
    return "record" + "".join(path)
