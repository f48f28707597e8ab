"""Collects lines into message bodies: in order, none lost, none larger than a message may be.

Says when a message is full and when it is due; sends nothing, and is told the time.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

from panoply.errors import RecordTooLarge

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Batcher", "Message"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A closed message: whole lines, and what is in them.

    Attributes:
        id: the messages of one batcher count from 1, in the order of their records.
        tables: for each table, how many of the records are its.
        count: how many records it holds.
    """

    id: int
    body: bytes = field(repr=False)
    tables: Mapping[str, int]
    count: int


class Batcher:
    """Fills one message at a time.

    Args:
        max_bytes: a body has at most that many.
        max_age: seconds after its first record at which a message is due.
    """

    def __init__(self, *, max_bytes: int, max_age: float) -> None:
        self._max_bytes = max_bytes
        self._max_age = max_age
        self._last_id = 0
        self._lines: list[bytes] = []
        self._size = 0
        self._tables: Counter[str] = Counter()
        self._due_at: float | None = None

    @property
    def last_id(self) -> int:
        """The id of the message that was closed last, 0 before the first."""
        return self._last_id

    @property
    def due_at(self) -> float | None:
        """When the open message is due; None if it is empty."""
        return self._due_at

    @property
    def open_tables(self) -> Mapping[str, int]:
        """What is in the open message: for each table, how many records."""
        return MappingProxyType(self._tables)

    def add(self, table: str, line: bytes, now: float) -> Message | None:
        """Put a line into the open message, and return the one before it if that had to be closed to make room.

        Raises:
            RecordTooLarge: the line alone is larger than a message may be. Nothing has changed.
        """
        if len(line) > self._max_bytes:
            raise RecordTooLarge(
                "record",
                f"as JSON it has {len(line)} bytes, and a message takes {self._max_bytes}: "
                "split it into several records, or leave out its largest values",
            )
        full = self.take() if self._size + len(line) > self._max_bytes else None
        if self._due_at is None:
            self._due_at = now + self._max_age
        self._lines.append(line)
        self._size += len(line)
        self._tables[table] += 1
        return full

    def take(self) -> Message | None:
        """Close the open message and return it; None if it is empty."""
        if not self._lines:
            return None
        self._last_id += 1
        message = Message(
            id=self._last_id,
            body=b"".join(self._lines),
            tables=MappingProxyType(dict(self._tables)),
            count=len(self._lines),
        )
        self._lines = []
        self._size = 0
        self._tables = Counter()
        self._due_at = None
        return message
