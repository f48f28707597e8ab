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
    from collections.abc import Iterable, Mapping

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

    __slots__ = ("due_at", "id", "lines", "sealed", "size", "tables")

    def __init__(self, id: int, due_at: float) -> None:  # noqa: A002 - as the message will have it
        self.id = id
        self.due_at = due_at
        self.lines: list[bytes] = []
        self.size = 0
        self.tables: Counter[str] = Counter()
        self.sealed = False  # nothing may be added any more


class Batcher:
    """Fills one message at a time, and keeps those that are closed until they are fetched.

    A signal can interrupt the program between any two steps, with Ctrl-C for example, or with a handler that writes or closes
    in the midst of what is done here. So a record is first put where it belongs and then taken from where it was: at worst
    it is in two places then, and sent twice, but never in none.

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
        self._placed = 0
        self._open: _Open | None = None
        self.closed: deque[Message] = deque()

    @property
    def last_id(self) -> int:
        """The id of the newest message, 0 before the first."""
        return self._last_id

    @property
    def placed(self) -> int:
        """The id of the message that the last line went to that `add` was given, 0 before the first."""
        return self._placed

    @property
    def due_at(self) -> float | None:
        """When the open message is due; None if it is empty."""
        return None if self._open is None else self._open.due_at

    @property
    def open_tables(self) -> Mapping[str, int]:
        """What is in the open message: for each table, how many records."""
        return MappingProxyType({} if self._open is None else self._open.tables)

    def place(self, size: int) -> int:
        """The id of the message that a line of so many bytes would go to."""
        message = self._taking(size)
        return self._last_id + 1 if message is None else message.id

    def add(self, table: str, line: bytes, now: float) -> bool:
        """Put a line into the open message, and tell whether that is a new one.

        The one before it is closed if there is no room in it.

        Raises:
            RecordTooLarge: the line alone is larger than a message may be. Nothing has changed.
        """
        size, new = len(line), False
        while (message := self._taking(size)) is None or not _put(message, table, line, 1):
            if size > self._max_bytes:
                raise RecordTooLarge(
                    "record",
                    f"as JSON it has {size} bytes, and a message takes {self._max_bytes}: "
                    "split it into several records, or leave out its largest values",
                )
            self.close()
            fresh = _Open(0, now + self._max_age)
            if self._open is None:  # nobody has come in between
                self._last_id += 1
                fresh.id = self._last_id
                self._open = fresh
            new = True
        self._placed = message.id
        return new

    def add_all(self, table: str, lines: bytes, count: int, now: float) -> bool:
        """Put so many lines, in one piece, where `add` would put them one after the other, and tell what it does."""
        new = False
        while lines:
            message = self._taking(len(lines))
            if message is not None:
                if _put(message, table, lines, count):
                    return new
                continue
            # What there is room for in one go, and then the line that has to begin a new message.
            message = self._taking(0)
            fits = 0 if message is None else lines.rfind(b"\n", 0, self._max_bytes - message.size) + 1
            if message is not None and fits:
                fitting = lines.count(b"\n", 0, fits)
                if not _put(message, table, lines[:fits], fitting):
                    continue
                count -= fitting
            end = lines.index(b"\n", fits) + 1
            new = self.add(table, lines[fits:end], now) or new
            lines, count = lines[end:], count - 1
        return new

    def close(self) -> None:
        """Close the open message, if it holds anything."""
        message = self._open
        if message is None:
            return
        message.sealed = True
        if message.lines:
            self.closed.append(_closed(message))
        if self._open is message:
            self._open = None

    def enclose(self, lines: Iterable[tuple[str, bytes]]) -> tuple[int, ...]:
        """Have messages of their own, and closed, for these tables and lines; returns their ids.

        One that is larger than a message may be gets a message nevertheless: it was accepted elsewhere.
        """
        made: list[_Open] = []
        for table, line in lines:
            if not made or made[-1].size + len(line) > self._max_bytes:
                self._last_id += 1
                made.append(_Open(self._last_id, 0.0))
            _put(made[-1], table, line, 1)
        self.closed.extend(map(_closed, made))
        return tuple(message.id for message in made)

    def _taking(self, size: int) -> _Open | None:
        """The open message, if it takes so many bytes more."""
        message = self._open
        return None if message is None or message.sealed or message.size + size > self._max_bytes else message


def _put(message: _Open, table: str, lines: bytes, count: int) -> bool:
    """Put lines into a message, and tell whether they are sure to be sent with it.

    They are not if a signal's handler has closed it just now, perhaps before they were in: they belong into another one, too.
    """
    message.lines.append(lines)
    message.size += len(lines)
    message.tables[table] += count
    return not message.sealed


def _closed(message: _Open) -> Message:
    return Message(
        id=message.id,
        body=b"".join(message.lines),
        tables=MappingProxyType(dict(message.tables)),
        count=message.tables.total(),
    )
