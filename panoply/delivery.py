"""What becomes of an accepted record, decided without a clock, a thread or a network: they are the driver's.

                       ┌──── retried, later ────┐
    accept()           ▼ start()                │  succeeded()
    open message ──► queued ──► in flight ──────┼──────────────► delivered ──┐ told()
                        │           │           │ failed()                   ├────────► gone
                        └───────────┴───────────┴──────────────► handed back ┘
                          give_up()

A driver (`SDK`) calls these under its lock, passes `now`, sends what `start` gives it, and tells the program about the
event that each outcome comes with. A message has ended only when the program has been told: who waits for it then knows
what the handlers know.

What a spool on disk holds as well need not be handed back: `leave()` takes the place of `give_up()`.

All that is here counts towards `max_buffer`, also what was handed back, until `take_failures` has fetched it. Only that of
which an `error` handler has had the records gives way to new ones.
"""

from __future__ import annotations

import heapq
from collections import Counter, deque
from dataclasses import dataclass, field, replace
from itertools import chain
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from panoply.batching import Batcher, Message
from panoply.encoding import decode_line
from panoply.errors import BufferFull, DeliveryError, DeliveryTimeout, PanoplyException
from panoply.retrying import Backoff

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

__all__ = [
    "MAX_BUFFER",
    "MAX_IN_FLIGHT",
    "Attempt",
    "Delivery",
    "DeliveryEvent",
    "counted",
    "handed_back",
    "reasons",
    "undelivered",
]

# Messages on their way at the same time. Most of a message's time is spent waiting for the far end, so four of them take
# little of the program's; a fifth would hardly go faster, as they share one line and one interpreter.
MAX_IN_FLIGHT: Final = 4

# Bytes of records that are kept until they are delivered: some 260 full messages, which is half an hour of 100 records of
# 350 bytes a second, and little beside what a program needs that makes so many.
MAX_BUFFER: Final = 64 * 1024 * 1024

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
    """A message on its way, for the n-th time.

    Attributes:
        message: what is sent.
        number: 1 for the first time.
        trouble: why the time before failed.
    """

    message: Message
    number: int
    trouble: PanoplyException | None = None

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
        max_in_flight: how many messages may be on their way at the same time.
        max_buffer: how many bytes of records are kept at most.
        backoff: when to try again what failed for now.
    """

    def __init__(
        self,
        *,
        max_bytes: int,
        linger: float,
        max_in_flight: int = MAX_IN_FLIGHT,
        max_buffer: int = MAX_BUFFER,
        backoff: Backoff | None = None,
    ) -> None:
        self._max_bytes = max_bytes
        self._max_in_flight = max_in_flight
        self._max_buffer = max_buffer
        self._backoff = Backoff() if backoff is None else backoff
        self._batcher = Batcher(max_bytes=max_bytes, max_age=linger)
        self._queued: deque[Attempt] = deque()
        self._in_flight: dict[int, Attempt] = {}
        self._resting: list[tuple[float, int, Attempt]] = []  # a heap: when, which, what to try again
        self._rests: Counter[int] = Counter()  # how often in a row each message has rested since `hurry`
        self._untold: dict[int, DeliveryEvent] = {}
        self._failures: dict[int, DeliveryEvent] = {}
        self._heard: deque[int] = deque()  # those failures whose records an `error` handler has had
        self._forgotten: Counter[str] = Counter()
        self._held = 0

    @property
    def wake_at(self) -> float | None:
        """When `start` will next have something; None while nothing waits, or as many as may be are in flight."""
        if len(self._in_flight) >= self._max_in_flight:
            return None
        if self._queued or self._batcher.closed:
            return _AT_ONCE
        due_at = self._batcher.due_at
        if self._resting:
            retry_at = self._resting[0][0]
            return retry_at if due_at is None else min(retry_at, due_at)
        return due_at

    @property
    def held(self) -> int:
        """How many bytes of records are here."""
        return self._held

    @property
    def placed(self) -> int:
        """The id of the message that the last record went to that was accepted here, 0 before the first."""
        return self._batcher.placed

    @property
    def moving(self) -> bool:
        """Whether there will be more room without the program's doing: some records have not ended yet."""
        return bool(self._untold or self._batcher.open_tables) or next(self._unended(), None) is not None

    def accept(self, table: str, line: bytes, now: float) -> bool:
        """Take a record over; tells whether somebody has to look at `wake_at` again.

        Raises:
            RecordTooLarge: it is larger than a message. Nothing has changed.
            BufferFull: there is no room for it now. It has not been accepted.
        """
        size = len(line)
        if self._held + size > self._max_buffer and size <= self._max_bytes and not self.make_room(size):
            raise BufferFull(self._fullness())
        new = self._batcher.add(table, line, now)
        self._held += size
        return new

    def takes_more(self, size: int) -> bool:
        """Whether there is an open message, for which `wake_at` is set, and room for so many bytes as it is."""
        return self._batcher.due_at is not None and self._held + size <= self._max_buffer

    def place(self, size: int) -> int:
        """The id of the message that the next record, of so many bytes, will be in."""
        return self._batcher.place(size)

    def take_over(self, table: str, lines: bytes, count: int, since: float) -> bool:
        """Have so many lines, in one piece, which were accepted elsewhere after `since`; tells what `accept` does.

        There need not be room for them, as they cannot be refused any more.
        """
        new = self._batcher.add_all(table, lines, count, since)
        self._held += len(lines)
        return new

    def adopt(self, lines: Iterable[tuple[str, bytes]]) -> tuple[int, ...]:
        """Have these tables and lines, which another process accepted, as messages of their own; returns their ids."""
        ids = self._batcher.enclose(lines)
        self._fetch()
        self._held += sum(len(attempt.message.body) for attempt in self._queued if attempt.message.id in ids)
        return ids

    def make_room(self, size: int) -> bool:
        """Have room for so many bytes more, at the cost of what was handed back and heard; tells whether there is."""
        while self._held + size > self._max_buffer and self._heard:
            event = self._failures.pop(self._heard.popleft(), None)
            if event is not None:
                self._held -= event.bytes
                self._forgotten.update(event.tables)
        if self._held + size <= self._max_buffer:
            return True
        if next(self._unended(), None) is None:
            self._batcher.close()  # else all would wait for it to be due
        return False

    def start(self, now: float) -> Attempt | None:
        """The message to send now, if there is one. Its outcome has to be told by `succeeded` or `failed`."""
        if len(self._in_flight) >= self._max_in_flight:
            return None
        due_at = self._batcher.due_at
        if due_at is not None and due_at <= now:
            self._batcher.close()
        self._fetch()
        # At the end of the queue, so that what fails again and again holds nobody up.
        while self._resting and self._resting[0][0] <= now:
            self._queued.append(heapq.heappop(self._resting)[2])
        if not self._queued:
            return None
        attempt = self._queued.popleft()
        self._in_flight[attempt.message.id] = attempt
        return attempt

    def expects(self, attempt: Attempt) -> bool:
        """Whether it is still to be sent: it has not been given up meanwhile."""
        return self._in_flight.get(attempt.message.id) is attempt

    def succeeded(self, attempt: Attempt, response: str) -> DeliveryEvent | None:
        """The far end has the message. None if it had been given up meanwhile, and the program knows that."""
        if self._in_flight.pop(attempt.message.id, None) is None:
            return None
        return self._ending(attempt.event(response=response))

    def failed(self, attempt: Attempt, error: PanoplyException, now: float) -> DeliveryEvent | None:
        """The far end does not have the message, or does not say so: it is tried again later if that can be of use.

        Otherwise it is handed back. None if it is tried again, or had been given up meanwhile.
        """
        batch_id = attempt.message.id
        if self._in_flight.pop(batch_id, None) is None:
            return None
        if not error.retryable:
            return self._handing_back(attempt.event(error=error))
        self._rests[batch_id] += 1
        again = replace(attempt, number=attempt.number + 1, trouble=error)
        heapq.heappush(self._resting, (now + self._backoff.pause(self._rests[batch_id]), batch_id, again))
        return None

    def give_up(self, why: str) -> tuple[DeliveryEvent, ...]:
        """Hand back all that is left, also what is in flight, of which nobody can say how it will end."""
        self.hurry()
        events = []
        for attempt in list(self._unended()):
            # One that was queued for a further try has not made it.
            made = attempt if self.expects(attempt) else replace(attempt, number=max(1, attempt.number - 1))
            error = DeliveryTimeout(why if made.trouble is None else f"{why}; the last try failed: {made.trouble}")
            error.__cause__ = made.trouble
            events.append(self._handing_back(made.event(error=error)))
        self._in_flight.clear()
        self._queued.clear()
        return tuple(events)

    def leave(self) -> Mapping[str, int]:
        """Forget all that is left, which somebody else will send; for each table, how many records that were."""
        self.hurry()
        tables: Counter[str] = Counter()
        for attempt in self._unended():
            tables.update(attempt.message.tables)
            self._held -= len(attempt.message.body)
        self._in_flight.clear()
        self._queued.clear()
        return tables

    def told(self, event: DeliveryEvent, *, heard: bool = True) -> None:
        """The handlers of this event have run; with `heard`, there were some to whom its records were handed."""
        if self._untold.pop(event.batch_id, None) is None:
            return
        if event.error is None:
            self._held -= event.bytes
        elif heard:
            self._heard.append(event.batch_id)

    def hurry(self) -> int:
        """Have all sent without waiting for its age or its pause; returns a mark for all that was accepted so far.

        Pauses begin anew with the first: somebody waits.
        """
        self._batcher.close()
        self._fetch()
        while self._resting:
            first = self._resting[0]
            self._queued.append(first[2])
            if self._resting and self._resting[0] is first:  # a signal's handler may have come in between
                heapq.heappop(self._resting)
        self._rests.clear()
        return self._batcher.last_id

    def ended(self, mark: int) -> bool:
        """Whether all that was accepted up to the mark has come to its end, and the program was told."""
        return all(batch_id > mark for batch_id in tuple(self._untold)) and next(self._unended(mark), None) is None

    def waiting(self, mark: int | None = None) -> Mapping[str, int]:
        """For each table, how many records (up to the mark) are neither delivered nor handed back."""
        tables: Counter[str] = Counter()
        for attempt in self._unended(mark):
            tables.update(attempt.message.tables)
        if mark is None:
            tables.update(self._batcher.open_tables)
        return tables

    def trouble(self, mark: int | None = None) -> PanoplyException | None:
        """Why what waits (up to the mark) has to wait; None if nothing is known against it."""
        return next((attempt.trouble for attempt in self._unended(mark) if attempt.trouble is not None), None)

    def take_failures(self) -> tuple[DeliveryEvent, ...]:
        """What was handed back since this was last asked, in the order in which it was accepted."""
        failures = tuple(event for _, event in sorted(self._failures.items()))
        for event in failures:  # and no others: there may be more by now, if a signal's handler has waited for them
            if self._failures.pop(event.batch_id, None) is not None:
                self._held -= event.bytes
        self._heard.clear()
        return failures

    def take_forgotten(self) -> Mapping[str, int]:
        """For each table, how many records more there would be if those that handlers had heard had been kept."""
        forgotten, self._forgotten = self._forgotten, Counter()
        return forgotten

    def _fetch(self) -> None:
        closed = self._batcher.closed
        while closed:
            first = closed[0]
            self._queued.append(Attempt(message=first, number=1))
            if closed and closed[0] is first:  # a signal's handler may have come in between
                closed.popleft()

    def _unended(self, mark: int | None = None) -> Iterator[Attempt]:
        """All closed messages up to the mark that are to be sent."""
        attempts = chain.from_iterable(self._whereabouts())
        return (attempt for attempt in attempts if mark is None or attempt.message.id <= mark)

    def _whereabouts(self) -> Iterator[Iterable[Attempt]]:
        """Where closed messages are. Each place is copied in one step, when it is its turn.

        For who looks through them may be interrupted by a signal's handler, which waits while they are sent.
        """
        yield tuple(self._in_flight.values())
        yield tuple(self._queued)
        yield (attempt for _, _, attempt in tuple(self._resting))
        yield (Attempt(message=message, number=1) for message in tuple(self._batcher.closed))

    def _handing_back(self, event: DeliveryEvent) -> DeliveryEvent:
        self._failures[event.batch_id] = event
        return self._ending(event)

    def _ending(self, event: DeliveryEvent) -> DeliveryEvent:
        self._untold[event.batch_id] = event
        self._rests.pop(event.batch_id, None)
        return event

    def _fullness(self) -> str:
        # Without a look at each message: a program may go on writing, and be told this for each record.
        waiting = len(self._in_flight) + len(self._queued) + len(self._resting) + len(self._batcher.closed)
        trouble = self._resting[0][2].trouble if self._resting else None
        parts = [
            f"the buffer is full, and the record was not accepted: of {self._max_buffer} bytes {self._held} are used"
        ]
        if waiting:
            parts.append(f"Messages that wait to be sent: {waiting}" + (f", as {trouble}" if trouble else ""))
        if self._failures:
            parts.append(
                f"Messages that were not delivered, and that flush() hands back: {len(self._failures)}. "
                "Call it, or hear of them with on('error', ...)"
            )
        return ". ".join(parts)


def counted(tables: Mapping[str, int]) -> str:
    """Numbers of records in words: `3 records (2 for 'a', 1 for 'b')`."""
    total = sum(tables.values())
    shown = [f"{count} for {table!r}" for table, count in list(tables.items())[:_SHOWN]]
    if len(tables) > _SHOWN:
        shown.append(f"the others for {len(tables) - _SHOWN} more tables")
    return f"{total} record{'' if total == 1 else 's'} ({', '.join(shown)})"


def undelivered(tables: Mapping[str, int]) -> str:
    """That so many records were not delivered: `1 record (1 for 'a') was not delivered`."""
    return f"{counted(tables)} {'was' if sum(tables.values()) == 1 else 'were'} not delivered"


def reasons(failures: Iterable[DeliveryEvent]) -> str:
    """Why these were handed back, each reason once."""
    texts = list(dict.fromkeys(str(failure.error) for failure in failures))
    if len(texts) > _SHOWN:
        texts[_SHOWN:] = [f"... and {len(texts) - _SHOWN} more reasons"]
    return " / ".join(texts)


def handed_back(
    failures: tuple[DeliveryEvent, ...],
    kind: type[DeliveryError] = DeliveryError,
    forgotten: Mapping[str, int] = MappingProxyType({}),
) -> DeliveryError:
    """The exception that gives these records back to the program, and tells of those that only handlers have had."""
    tables: Counter[str] = Counter()
    for failure in failures:
        tables.update(failure.tables)
    texts = []
    if failures:
        texts.append(f"{undelivered(tables)}, and handed back in .records: {reasons(failures)}")
    if forgotten:
        texts.append(f"{undelivered(forgotten)}, and only had by handlers of 'error'")
    error = kind("; besides, ".join(texts), lambda: tuple(chain.from_iterable(failure.records for failure in failures)))
    error.__cause__ = failures[0].error if failures else None
    return error
