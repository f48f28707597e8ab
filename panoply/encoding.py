"""One record as one line of a message's body, and back.

A line is a JSON object in UTF-8 with `__table` first, ended by a newline and holding no other. Which values have a JSON
form, and which, is `_jsonable`'s subject. No I/O, no batching.

orjson writes most records in one go, ten times faster than anything in Python could. But it writes NaN as `null`, passes
U+FFFF through, which SQS refuses, and is not safe with everything that can be nested. So all here is about finding out
cheaply, by what holds a record and by tell-tale bytes in what was written, that none of that can have happened; and
about writing the record with care where it can.
"""

from __future__ import annotations

import gc
import json
import math
from collections.abc import Callable, Collection, Iterable, Mapping
from decimal import Decimal
from typing import Any, Final

import orjson

from panoply._jsonable import LEAVES, converter, type_name, write
from panoply.errors import RecordError

__all__ = [
    "BRACKET",
    "JSON_OPTIONS",
    "NEWLINE",
    "RARE",
    "SHORT",
    "Encoder",
    "decode_line",
    "encode_record",
    "reraise_interrupt",
]

_TABLE: Final = "__table"

# orjson leaves out a dataclass's fields that begin with "_", and the seconds of a time zone's offset: both are done here.
JSON_OPTIONS: Final = orjson.OPT_PASSTHROUGH_DATACLASS | orjson.OPT_PASSTHROUGH_DATETIME

# Bytes up to which a record is short: what is done for each record weighs more than what is done for each of its bytes.
SHORT: Final = 2048

_CONTAINERS: Final = frozenset({dict, list, tuple})
_KNOWN: Final = LEAVES | _CONTAINERS | {float}

# Levels that are left to orjson. It refuses more than 254 lists and dicts in each other, but does not count tuples, and
# overruns its buffer where a few thousand of them are nested (3.13).
_FAST_DEPTH: Final = 250

# Levels, and values in all, up to which a record is looked through one by one. Few have more; and what is inside itself
# twice would never end.
_PLAIN_DEPTH: Final = 50
_FAST_VALUES: Final = 1_000_000

# A Fragment is written with the line breaks that are in it.
NEWLINE: Final = 0x0A

# Where there is none, there is no list and no tuple.
BRACKET: Final = 0x5B

# U+FFFE and U+FFFF, which SQS refuses, begin with this byte in UTF-8, as do few characters that are in use.
RARE: Final = 0xEF

# Tables whose opening is kept: most programs write to a few, and one that makes up a name for each record is not to pay for
# it with memory.
_OPENINGS: Final = 1000


class Encoder:
    """Turns records into lines, in the way of one SDK.

    Args:
        encoder: called with a value that has no JSON form; returns one that has.
        asked_first: it is called as `json.dumps` calls its `default`, also for a type that has a JSON form here, and may
            raise TypeError to have that one.

    Attributes:
        default: what `orjson.dumps` can call for a record that holds no other values but leaves. None where that depends
            on the record: it then refuses what JSON does not know.
        openings: how lines begin, for tables that there have been lines for; no longer than `SHORT`.
    """

    def __init__(self, encoder: Callable[[Any], Any] | None = None, *, asked_first: bool = False) -> None:
        self._encoder = encoder
        self._asked_first = asked_first
        self.default = _default if encoder is None else None
        self.openings: dict[str, bytes] = {}

    def opening(self, table: str) -> bytes:
        """How each line for this table begins: `{"__table":"table"`.

        Raises:
            RecordError: a table cannot have such a name.
        """
        if not isinstance(table, str):
            raise RecordError("table", f"a table's name is text, not {type_name(table)}")
        name = str.__str__(table)
        if name in self.openings:
            return self.openings[name]
        if not name or name.isspace():
            raise RecordError("table", "a table's name cannot be empty")
        try:
            opening = _escaped(orjson.dumps({_TABLE: name})[:-1])
        except TypeError:
            raise RecordError("table", "its name holds half of a surrogate pair, which UTF-8 does not have") from None
        if len(opening) <= SHORT:
            if len(self.openings) >= _OPENINGS:
                self.openings.clear()
            self.openings[name] = opening
        return opening

    def line(self, table: str, record: Mapping[Any, Any]) -> bytes:
        r"""One line for `record`: `{"__table":"table",...}\n`. The record itself is never changed.

        Raises:
            RecordError: it has no JSON form. `place` and `reason` say where and why, without any of its values.
        """
        opening = self.opening(table)
        columns = record if type(record) is dict and _TABLE not in record else _columns(record)
        convert = converter(self._encoder, asked_first=self._asked_first)
        written = self._quickly(columns, convert)
        if written is not None:
            return opening + b"," + written[1:] + b"\n" if len(written) > 2 else opening + b"}\n"
        return _escaped(write({_TABLE: table, **_columns(columns)}, convert)) + b"\n"

    def written(self, record: dict[Any, Any]) -> bytes | None:
        """The JSON of a record that names no table, if it can be had quickly."""
        return self._quickly(record, converter(self._encoder, asked_first=self._asked_first))

    def _quickly(self, columns: dict[Any, Any], convert: Callable[[object], object]) -> bytes | None:
        """The record's JSON, unless orjson refuses it or may get it wrong."""
        if self._asked_first and gc.is_tracked(columns):
            return None  # orjson would write UUIDs and Enums, which are tracked, without asking
        values = columns.values()
        try:
            plain = _room_left(values, _FAST_VALUES, _PLAIN_DEPTH) >= 0
            if not plain and not _is_shallow(values):
                return None
            written = orjson.dumps(columns, self.default or _asking(convert), JSON_OPTIONS)
        except (TypeError, RuntimeError) as exc:  # orjson's, or another thread has changed it just now
            reraise_interrupt(exc)
            return None
        if NEWLINE in written or not (plain or b"null" not in written or _says(written, columns) or _is_sound(values)):
            return None
        return _escaped(written)

    def joined(self, table: str, written: Iterable[bytes]) -> bytes:
        """The lines for these JSON objects, of which none is empty, in one piece."""
        opening = self.opening(table) + b","
        return opening + (b"\n" + opening).join([each[1:] for each in written]) + b"\n"


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
    return Encoder(encoder).line(table, record)


def decode_line(line: bytes) -> tuple[str, dict[str, Any]]:
    """The table and the record in a line that `encode_record` made.

    Numbers lose nothing: one that a float cannot hold comes back as a Decimal.
    """
    record: dict[str, Any] = json.loads(line, parse_float=_real, parse_int=_integer)
    return record.pop(_TABLE), record


def _columns(record: object) -> dict[Any, Any]:
    """The record as a dict of its own, without a table."""
    if not isinstance(record, dict) and not isinstance(record, Mapping):
        raise RecordError("record", f"a record is a dict of column names and values, not {type_name(record)}")
    try:
        columns = {**record}
    except Exception as exc:
        raise RecordError("record", f"a {type_name(record)} that cannot be read: it raised {type_name(exc)}") from exc
    columns.pop(_TABLE, None)
    return columns


def _asking(convert: Callable[[object], object]) -> Callable[[object], object]:
    return lambda value: _fit(convert(value))


def reraise_interrupt(exc: Exception) -> None:
    """Raise what is none of orjson's business, such as Ctrl-C while a `default` runs: it makes a TypeError of that, too."""
    if isinstance(exc.__cause__, BaseException) and not isinstance(exc.__cause__, Exception):
        raise exc.__cause__ from None


def _default(value: object) -> object:
    return _fit(_convert(value))


_convert = converter(None)


def _fit(simpler: object) -> object:
    """What a value was converted to, if orjson can be trusted with it."""
    if type(simpler) in _CONTAINERS and not _is_shallow((simpler,)):
        raise TypeError
    return simpler


def _room_left(values: Collection[object], room: int, depth: int) -> int:
    """How many values there may be still after these and all in them, if orjson knows them all and writes them as they are.

    Negative if it does not, or may not: among them is a NaN, an Infinity or a value of another type, or they are too many,
    or nested too deeply.
    """
    room -= len(values)
    if room < 0 or depth == 0:
        return -1
    for value in values:
        kind = type(value)
        if kind is str or kind is int or value is None:
            continue
        if kind is float:
            if value - value != 0.0:  # type: ignore[operator]
                return -1
        elif kind in _CONTAINERS:
            room = _room_left(value.values() if kind is dict else value, room, depth - 1)  # type: ignore[attr-defined,arg-type]
            if room < 0:
                return -1
        elif kind not in LEAVES:
            return -1
    return room


def _is_shallow(values: Collection[object]) -> bool:
    """Whether these values are nested so little that orjson can be trusted with them; level by level, and in bulk."""
    for _ in range(_FAST_DEPTH):
        holders = [value for value in values if type(value) in _CONTAINERS]
        if not holders:
            return True
        values = [item for held in holders for item in (held.values() if type(held) is dict else held)]  # type: ignore[attr-defined]
        if len(values) > _FAST_VALUES:  # something may be inside itself, and more than once
            return False
    return False


def _escaped(written: bytes) -> bytes:
    """JSON without U+FFFE and U+FFFF: they can only be inside a string, where an escape will do."""
    if RARE not in written:
        return written
    return written.replace(b"\xef\xbf\xbe", b"\\ufffe").replace(b"\xef\xbf\xbf", b"\\uffff")


def _says(written: bytes, columns: dict[Any, Any]) -> bool:
    """Whether this, read again, is the record: then no `null` in it stands for anything but a None."""
    try:
        return bool(orjson.loads(written) == columns)
    except Exception:  # noqa: BLE001 - foreign values may compare in odd ways
        return False


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
