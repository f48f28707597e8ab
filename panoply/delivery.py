"""What becomes of an accepted record, decided without a clock, a thread or a network: they are the driver's.

    accept()        start()                    succeeded()
    open message ──► queued ──► in flight ──┬──────────────► delivered ──┐ told()
                        │           │       │ failed()                   ├────────► gone
                        └───────────┴───────┴──────────────► handed back ┘
                          give_up()

A driver (`SDK`) calls these under its lock, passes `now`, sends what `start` gives it, and tells the program about the
event that each outcome comes with. A message has ended only when the program has been told: who waits for it then knows
what the handlers know.
"""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

from panoply.batching import Batcher, Message
from panoply.encoding import decode_line
from panoply.errors import DeliveryError, PanoplyException

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["Attempt", "Delivery", "DeliveryEvent", "counted", "handed_back", "reasons"]

_Body = bytes  # which is also the name of a field

_AT_ONCE: Final = float("-inf")
_SHOWN: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DeliveryEvent:
    """What the handlers of `send`, `flush` and `error` get.

    Attributes:
        batch_id: the message's number within its SDK; its events share it.
        tables: for each table, how many of the message's records are its.
        count: how many records the message holds.
        bytes: the size of its body.
        attempt: 1 for the first time that it is sent.
        response: the queue's id for the message; with `flush` only.
        error: why it was not delivered; with `error` only.
        body: the message's body as it was to be sent.
    """

    batch_id: int
    tables: Mapping[str, int]
    count: int
    bytes: int
    attempt: int
    response: str | None = None
    error: PanoplyException | None = None
    body: _Body = field(repr=False)

    @property
    def records(self) -> tuple[tuple[str, dict[str, Any]], ...]:
        """The message's records, each with its table, as they were to be sent. They are read anew each time."""
        return tuple(decode_line(line) for line in self.body.split(b"\n") if line)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """A message on its way, for the n-th time."""

    message: Message
    number: int

    def event(self, *, response: str | None = None, error: PanoplyException | None = None) -> DeliveryEvent:
        """What to tell the program about it."""
        return DeliveryEvent(
            batch_id=self.message.id,
            tables=self.message.tables,
            count=self.message.count,
            bytes=len(self.message.body),
            attempt=self.number,
            response=response,
            error=error,
            body=self.message.body,
        )


class Delivery:
    """Knows where each accepted record is, from the open message until the program was told how it ended.

    Args:
        max_bytes: size of a message's body.
        linger: seconds that a record waits at most for others to share its message.
    """

    def __init__(self, *, max_bytes: int, linger: float) -> None:
        self._batcher = Batcher(max_bytes=max_bytes, max_age=linger)
        self._queued: deque[Attempt] = deque()
        self._in_flight: dict[int, Attempt] = {}
        self._untold: dict[int, DeliveryEvent] = {}
        self._failures: list[DeliveryEvent] = []

    @property
    def wake_at(self) -> float | None:
        """When `start` will next have something; None while nothing waits. What is past means at once."""
        return _AT_ONCE if self._queued else self._batcher.due_at

    def accept(self, table: str, line: bytes, now: float) -> bool:
        """Take a record over; tells whether `wake_at` has changed.

        Raises:
            RecordTooLarge: it is larger than a message. Nothing has changed.
        """
        before = self.wake_at
        self._enqueue(self._batcher.add(table, line, now))
        return self.wake_at != before

    def start(self, now: float) -> Attempt | None:
        """The message to send now, if there is one. Its outcome has to be told by `succeeded` or `failed`."""
        due_at = self._batcher.due_at
        if due_at is not None and due_at <= now:
            self._enqueue(self._batcher.take())
        if not self._queued:
            return None
        attempt = self._queued.popleft()
        self._in_flight[attempt.message.id] = attempt
        return attempt

    def succeeded(self, attempt: Attempt, response: str) -> DeliveryEvent | None:
        """The far end has the message. None if it had been given up meanwhile, and the program knows that."""
        if self._in_flight.pop(attempt.message.id, None) is None:
            return None
        return self._ending(attempt.event(response=response))

    def failed(self, attempt: Attempt, error: PanoplyException) -> DeliveryEvent | None:
        """The far end does not have the message: it is handed back. None if it had been given up meanwhile."""
        if self._in_flight.pop(attempt.message.id, None) is None:
            return None
        event = attempt.event(error=error)
        self._failures.append(event)
        return self._ending(event)

    def give_up(self, error: PanoplyException) -> tuple[DeliveryEvent, ...]:
        """Hand back all that is left, also what is in flight, of which nobody can say how it will end."""
        self.hurry()
        left = (*self._in_flight.values(), *self._queued)
        self._in_flight.clear()
        self._queued.clear()
        events = tuple(self._ending(attempt.event(error=error)) for attempt in left)
        self._failures.extend(events)
        return events

    def told(self, event: DeliveryEvent) -> None:
        """The handlers of this event have run."""
        self._untold.pop(event.batch_id, None)

    def hurry(self) -> int:
        """Have the open message sent without waiting for its age; returns a mark for all that was accepted so far."""
        self._enqueue(self._batcher.take())
        return self._batcher.last_id

    def ended(self, mark: int) -> bool:
        """Whether all that was accepted up to the mark has come to its end, and the program was told."""
        queued = (attempt.message.id for attempt in self._queued)
        return all(batch_id > mark for batch_id in chain(self._in_flight, queued, self._untold))

    def waiting(self, mark: int | None = None) -> Mapping[str, int]:
        """For each table, how many records (up to the mark) are neither delivered nor handed back."""
        tables: Counter[str] = Counter()
        for attempt in chain(self._in_flight.values(), self._queued):
            if mark is None or attempt.message.id <= mark:
                tables.update(attempt.message.tables)
        if mark is None:
            tables.update(self._batcher.open_tables)
        return tables

    def take_failures(self) -> tuple[DeliveryEvent, ...]:
        """What was handed back since this was last asked, in the order in which it was accepted."""
        failures = tuple(sorted(self._failures, key=lambda event: event.batch_id))
        self._failures.clear()
        return failures

    def _enqueue(self, message: Message | None) -> None:
        if message is not None:
            self._queued.append(Attempt(message=message, number=1))

    def _ending(self, event: DeliveryEvent) -> DeliveryEvent:
        self._untold[event.batch_id] = event
        return event


def counted(tables: Mapping[str, int]) -> str:
    """Numbers of records in words: `3 records (2 for 'a', 1 for 'b')`."""
    total = sum(tables.values())
    shown = [f"{count} for {table!r}" for table, count in list(tables.items())[:_SHOWN]]
    if len(tables) > _SHOWN:
        shown.append(f"the others for {len(tables) - _SHOWN} more tables")
    return f"{total} record{'' if total == 1 else 's'} ({', '.join(shown)})"


def reasons(failures: Iterable[DeliveryEvent]) -> str:
    """Why these were handed back, each reason once."""
    texts = list(dict.fromkeys(str(failure.error) for failure in failures))
    if len(texts) > _SHOWN:
        texts[_SHOWN:] = [f"... and {len(texts) - _SHOWN} more reasons"]
    return " / ".join(texts)


def handed_back(failures: tuple[DeliveryEvent, ...], kind: type[DeliveryError] = DeliveryError) -> DeliveryError:
    """The exception that gives these records back to the program."""
    tables: Counter[str] = Counter()
    for failure in failures:
        tables.update(failure.tables)
    error = kind(
        f"{counted(tables)} were not delivered, and are handed back in .records: {reasons(failures)}",
        tuple(chain.from_iterable(failure.records for failure in failures)),
    )
    error.__cause__ = failures[0].error
    return error
