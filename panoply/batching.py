"""Collects lines into message bodies: in order, none lost, none larger than a message may be.

Says when a message is full and when it is due; sends nothing, and is told the time.
"""

from __future__ import annotations

from collections import Counter, deque
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


class _Open:
    """The message that is being filled."""

    __slots__ = ("due_at", "lines", "size", "tables")

    def __init__(self, due_at: float) -> None:
        self.due_at = due_at
        self.lines: list[bytes] = []
        self.size = 0
        self.tables: Counter[str] = Counter()


class Batcher:
    """Fills one message at a time, and keeps those that are closed until they are fetched.

    A signal can interrupt the program between any two steps, with Ctrl-C for example. So a record is first put where it
    belongs and then taken from where it was: at worst it is in two places then, and sent twice, but never in none.

    Args:
        max_bytes: a body has at most that many.
        max_age: seconds after its first record at which a message is due.

    Attributes:
        closed: the messages to fetch, in the order of their records.
    """

    def __init__(self, *, max_bytes: int, max_age: float) -> None:
        self._max_bytes = max_bytes
        self._max_age = max_age
        self._last_id = 0
        self._open: _Open | None = None
        self.closed: deque[Message] = deque()

    @property
    def last_id(self) -> int:
        """The id of the message that was closed last, 0 before the first."""
        return self._last_id

    @property
    def due_at(self) -> float | None:
        """When the open message is due; None if it is empty."""
        return None if self._open is None else self._open.due_at

    @property
    def open_tables(self) -> Mapping[str, int]:
        """What is in the open message: for each table, how many records."""
        return MappingProxyType({} if self._open is None else self._open.tables)

    def add(self, table: str, line: bytes, now: float) -> bool:
        """Put a line into the open message, and tell whether that is a new one.

        The one before it is closed if there is no room in it.

        Raises:
            RecordTooLarge: the line alone is larger than a message may be. Nothing has changed.
        """
        size = len(line)
        message = self._open
        new = message is None or message.size + size > self._max_bytes
        if message is None or new:
            if size > self._max_bytes:
                raise RecordTooLarge(
                    "record",
                    f"as JSON it has {size} bytes, and a message takes {self._max_bytes}: "
                    "split it into several records, or leave out its largest values",
                )
            self.close()
            message = self._open = _Open(now + self._max_age)
        message.size += size
        message.tables[table] += 1
        message.lines.append(line)
        return new

    def close(self) -> None:
        """Close the open message, if it holds anything."""
        message = self._open
        if message is not None and message.lines:
            self._last_id += 1
            self.closed.append(
                Message(
                    id=self._last_id,
                    body=b"".join(message.lines),
                    tables=MappingProxyType(dict(message.tables)),
                    count=len(message.lines),
                )
            )
        self._open = None
