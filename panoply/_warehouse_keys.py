"""Which row of the warehouse a record is. Pure.

From Panoply's documentation: the key is kept in the column `id`. It is filled in from the source's primary key,
`idpattern`, where that names columns in curly brackets, in place of an `id` that the record has; a pattern without brackets
is not recognised. Without a pattern it is the record's `id`, and without one, a generated GUID, so that the row is new each
time.

Decided here: keys are the same if their text is, so that 1 and "1" are one row. A record that lacks a column of the pattern, or
has nothing in it (None, empty text, a list or an object), has no key, and gets a GUID: better a row twice than two in one.
"""

from __future__ import annotations

import re
from datetime import date
from random import SystemRandom
from typing import Any, Final

from panoply._warehouse_names import spelled

__all__ = ["KeyRule", "generated", "key_of"]

_PLACEHOLDER: Final = re.compile(r"\{([^{}]*)\}")
_bits: Final = SystemRandom().getrandbits


class KeyRule:
    """How keys are found.

    Args:
        pattern: the source's `idpattern`, whatever is in it.
    """

    def __init__(self, pattern: object = None) -> None:
        parts = _PLACEHOLDER.split(pattern.strip()) if isinstance(pattern, str) else []
        if len(parts) < 2:
            parts = ["", "id", ""]
        self._texts: list[str] = parts[::2]
        self._columns: list[str] = parts[1::2]
        # `{number}` alone keeps a number a number.
        self._is_single = len(self._columns) == 1 and not any(self._texts)

    def sources(self, keys: tuple[str, ...]) -> tuple[int | None, ...]:
        """For each column of the pattern, at which of these keys of a record its value is."""
        return tuple(_place(column, keys) for column in self._columns)

    def key(self, values: tuple[Any, ...], sources: tuple[int | None, ...]) -> int | str | None:
        """The key among the values of a record. None if it has none."""
        if self._is_single:
            return None if sources[0] is None else key_of(values[sources[0]])
        texts = [self._texts[0]]
        for place, text in zip(sources, self._texts[1:], strict=True):
            part = None if place is None else key_of(values[place])
            if part is None:
                return None
            texts += (str(part), text)
        return "".join(texts)


def key_of(value: object) -> int | str | None:
    """What a value is as a key: an integer of 64 bits, text, or None if it cannot be one."""
    if type(value) is str:
        return value or None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int):
        return int(value) if -(2**63) <= value < 2**63 else str(value)
    if value is None or isinstance(value, (dict, list, tuple)):
        return None
    if isinstance(value, date):
        return value.isoformat()
    return repr(value) if isinstance(value, float) else str(value)


def generated() -> str:
    """A key for a record that has none: a random UUID."""
    digits = f"{_bits(128) & ~(0xF << 76) & ~(0x3 << 62) | 0x4 << 76 | 0x2 << 62:032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def _place(column: str, keys: tuple[str, ...]) -> int | None:
    if column in keys:
        return keys.index(column)
    return next((place for place, key in enumerate(keys) if spelled(key) == spelled(column)), None)
