"""The types that a column of the warehouse can have, and how they widen. Pure.

A column has one type for all its values, chosen from what is in it; one text among them makes it text, as Panoply documents
it. What Panoply does not document is decided here so that no value is ever lost:

    BOOLEAN                      ─┐
    INTEGER ─► BIGINT            ─┤
    INTEGER ───────────► DOUBLE  ─┼─► TEXT
    DATE ────► TIMESTAMP         ─┘

- INTEGER and BIGINT are both stored as BIGINT. Beyond ±2**53 a double would round, so that such a column becomes text when a
  fraction comes. Integers beyond 64 bits, and decimals that no double holds, are text from the start: all their digits.
- Text that is a date or a time in ISO 8601 (RFC 3339; also with a blank for the T, and without seconds or offset) is
  recognised, as on the platform. Times are kept in UTC, to the microsecond; without an offset they are taken for UTC. The other
  formats that the platform lists (RFC 1123, Unix date, ...) stay text here, and so do numbers that may be timestamps.
- A column that turns to text shows what was in it as JSON would, times as `2024-01-02T03:04:05.678Z`.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Final
from uuid import UUID

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["LEAVES", "MAX_EXACT", "Kind", "exact", "moment", "seen", "utc_text", "wider"]

MAX_EXACT: Final = 2**53
_MAX_BIGINT: Final = 2**63

_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_TIMESTAMP: Final = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?(Z|[+-]\d\d:?\d\d)?", re.ASCII)
# Many in a row, a line each, of those that need no second look: days that each month has, no offset to compute.
_SURE_DATE: Final = r"(?!0000)\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])"
_SURE_DATES: Final = re.compile(rf"(?:{_SURE_DATE}\n)+", re.ASCII)
_SURE_TIMES: Final = re.compile(
    rf"(?:{_SURE_DATE}[T ](?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{{1,6}})?)?Z?\n)+", re.ASCII
)

# Of these offsets nothing has to be computed.
_UTC: Final = frozenset({None, "Z", "+00:00", "+0000", "-00:00", "-0000"})

# Types whose JSON form is one scalar, that `seen` knows.
LEAVES: Final = frozenset({type(None), bool, int, float, str, date, datetime, UUID})


class Kind(Enum):
    """What a column holds."""

    BOOLEAN = "boolean"
    INTEGER = "integer"
    BIGINT = "bigint"
    DOUBLE = "double"
    DATE = "date"
    TIMESTAMP = "timestamp"
    TEXT = "text"


_WIDER: Final = {
    frozenset({Kind.INTEGER, Kind.BIGINT}): Kind.BIGINT,
    frozenset({Kind.INTEGER, Kind.DOUBLE}): Kind.DOUBLE,
    frozenset({Kind.DATE, Kind.TIMESTAMP}): Kind.TIMESTAMP,
}


def wider(one: Kind | None, other: Kind | None) -> Kind | None:
    """The narrowest type that holds what both hold; None stands for a column without values."""
    if one is None or one is other:
        return other
    if other is None:
        return one
    return _WIDER.get(frozenset({one, other}), Kind.TEXT)


def _kind_of(integers: Iterable[int]) -> Kind:
    """The type for these integers, of which there is at least one."""
    integers = list(integers)
    low, high = min(integers), max(integers)
    if low >= -MAX_EXACT and high <= MAX_EXACT:
        return Kind.INTEGER
    return Kind.BIGINT if low >= -_MAX_BIGINT and high < _MAX_BIGINT else Kind.TEXT


def seen(column: Sequence[object]) -> tuple[Kind | None, bool]:
    """The type for these values, each of a type in `LEAVES`, and whether there are times with an offset from UTC."""
    types = set(map(type, column))
    types.discard(type(None))
    if not types:
        return None, False
    if types.issubset({bool}):
        return Kind.BOOLEAN, False
    if types.issubset({int, float}):
        kind = _kind_of(value for value in column if type(value) is int) if int in types else None
        return wider(kind, Kind.DOUBLE if float in types else None), False
    if types.issubset({str, date, datetime}):
        return _temporal([value if type(value) is str else value.isoformat() for value in column if value is not None])  # type: ignore[attr-defined]
    return Kind.TEXT, False


def moment(text: str) -> datetime | None:
    """The moment that this text is, in UTC and without saying so; None if it is no date or time."""
    if not (_DATE.fullmatch(text) or _TIMESTAMP.fullmatch(text)):
        return None
    try:
        found = datetime.fromisoformat(text)
        return found if found.tzinfo is None else found.astimezone(UTC).replace(tzinfo=None)
    except (ValueError, OverflowError):
        return None


def utc_text(found: datetime) -> str:
    """A moment in UTC, as the platform writes it: with milliseconds, and a Z. Microseconds are kept where there are any."""
    return found.isoformat(timespec="microseconds" if found.microsecond % 1000 else "milliseconds") + "Z"


def exact(number: Decimal) -> int | float | str:
    """The same number as an integer or a float, or its digits where neither holds it."""
    if number == number.to_integral_value() and abs(number) < _MAX_BIGINT:
        return int(number) if "." not in str(number) and "E" not in str(number) else _float_or_text(number)
    return _float_or_text(number)


def _float_or_text(number: Decimal) -> float | str:
    """The same number as a float, or its digits if that would round it."""
    found = float(number)
    return found if found - found == 0 and Decimal(repr(found)) == number else str(number)


def _temporal(texts: list[str]) -> tuple[Kind, bool]:
    if texts[0][4:5] == "-":
        lines = "\n".join(texts) + "\n"
        if lines.count("\n") == len(texts):
            if _SURE_DATES.fullmatch(lines):
                return Kind.DATE, False
            if _SURE_TIMES.fullmatch(lines):
                return Kind.TIMESTAMP, False
    kind, shifted = None, False
    for text in texts:
        # Most text is told apart by its fifth character.
        if text[4:5] != "-" or moment(text) is None:
            return Kind.TEXT, False
        if len(text) == 10:
            kind = wider(kind, Kind.DATE)
        else:
            kind = Kind.TIMESTAMP
            found = _TIMESTAMP.fullmatch(text)
            shifted = shifted or (found is not None and found[1] not in _UTC)
    return kind or Kind.TEXT, shifted
