"""Drives one SDK's `Delivery`: the lock, the threads, the clock, the handlers, and the ends of processes.

What happens to a record is decided in `delivery`; what a program calls is `sdk`'s and `aio`'s. Here is what those two share.
"""

from __future__ import annotations

import atexit
import contextlib
import logging
import os
import sys
import threading
import time
import weakref
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING, Final

from panoply._inbox import LONGEST, MOST_UNSEEN, Inbox
from panoply._keeping import Keeper, lines_of
from panoply._outcome import Outcome
from panoply._telling import Teller
from panoply.constants import FLUSH_TIMEOUT
from panoply.delivery import Attempt, Delivery, DeliveryEvent
from panoply.errors import BufferFull, Closed, DeliveryError, PanoplyException, SpoolError
from panoply.sqs import SQSTransport

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from panoply._inbox import Row
    from panoply.encoding import Encoder
    from panoply.events import Emitter
    from panoply.spool import Leftover, Spool
    from panoply.sqs import Transport

__all__ = ["EXIT_TIMEOUT", "Dispatcher"]

# A message has to be on its way FLUSH_TIMEOUT after its first record. The quarter of a second is for a thread that is woken
# late, for handlers of `send`, and for a connection that has to be opened first.
_LINGER: Final = FLUSH_TIMEOUT - 0.25

# Seconds that a program's end, or its end by an interrupt, may be held up for what is not sent yet.
EXIT_TIMEOUT: Final = 5.0

_TABLE_OF: Final = itemgetter(0)

_log = logging.getLogger("panoply.sdk")


class Dispatcher:
    """Sends what its SDK accepts, from threads of its own, and tells the program what becomes of it.

    Args:
        emitter: whose handlers are told.
        account: for the threads' names.
        transport: takes the messages.
        encoder: knows how the lines of the inbox begin.
        max_bytes: size of a message's body.
        max_in_flight: how many messages may be on their way at the same time, and so how many threads there may be.
        max_buffer: how many bytes of records are kept at most.
        open_spool: makes a spool for this process. None: records are in memory alone.

    Attributes:
        inbox: takes short records without the lock, while it is open.

    Raises:
        SpoolError: there can be no spool.
    """

    def __init__(  # noqa: PLR0913 - what an SDK was told, each with its name
        self,
        emitter: Emitter,
        *,
        account: str,
        transport: Transport,
        encoder: Encoder,
        max_bytes: int,
        max_in_flight: int,
        max_buffer: int,
        open_spool: Callable[[], Spool] | None = None,
    ) -> None:
        self._emitter = emitter
        self._account = account
        self._transport = transport
        self._encoder = encoder
        self._max_bytes = max_bytes
        self._max_in_flight = max_in_flight
        self._max_buffer = max_buffer
        self._open_spool = open_spool
        self._closed = False  # nothing is accepted any more
        self._finished = False  # nothing is sent any more
        self.inbox = Inbox()
        self._begin_anew()
        if open_spool is not None:
            with self._lock:
                self._start()
        _open.add(self)

    def _begin_anew(self) -> None:
        """Have nothing accepted yet, and nobody at work."""
        self._delivery = Delivery(
            max_bytes=self._max_bytes,
            linger=_LINGER,
            max_in_flight=self._max_in_flight,
            max_buffer=self._max_buffer,
        )
        # Guards `_delivery` and what follows. Never held while foreign code (transport, handlers, encoder) runs. It is
        # reentrant, as a signal's handler may close the SDK wherever the program is; and it is taken directly rather than
        # through its conditions, which can leave it locked when Ctrl-C comes just then.
        self._lock = threading.RLock()
        self._work = threading.Condition(self._lock)  # senders wait here
        self._ended = threading.Condition(self._lock)  # here, who waits for a message's end, or for the room it leaves
        self._watchers: tuple[Callable[[], object], ...] = ()  # called whenever those who wait there are woken
        self.inbox.open = False
        self.inbox.rows = []
        self._settled_at = time.monotonic()
        self._settlements = 0
        self._started = False
        self._senders: list[threading.Thread] = []
        self._idle = 0  # senders that wait
        self._troubled = False  # the last message that came to an end failed, and that was logged
        self._finalizer: Callable[[], object] | None = None
        self._teller = Teller(self._emitter)
        self._keeper = Keeper(self._open_spool)

    # --- what the program does

    @property
    def closed(self) -> bool:
        """Whether nothing is accepted any more."""
        return self._closed

    def waiting(self) -> int:
        """How many records are neither delivered nor handed back."""
        with self._lock:
            self._settle()
            return sum(self._delivery.waiting().values())

    def refuse_closed(self) -> None:
        """Raise if nothing is accepted any more.

        Raises:
            Closed: that is so.
        """
        if self._closed:
            raise Closed("this SDK is closed, and the record was not accepted: write before close(), or make a new SDK")

    def refuse_background(self, method: str) -> None:
        """Raise if this is a handler, or the transport: it would wait for itself.

        Raises:
            PanoplyException: that is so.
        """
        if self._in_background():
            raise PanoplyException(
                f"{method}() would wait for the handler that calls it, forever. Call it from another thread",
                retryable=False,
            )

    def accept(self, table: str, line: bytes, timeout: float | None) -> None:
        """Take a record over, and wait for room in the buffer if need be.

        Raises:
            RecordTooLarge: it is larger than a message.
            BufferFull: there was no room in time, or this is a handler.
            SpoolError: it cannot be written to disk.
            Closed: nothing is accepted any more.
        """
        with self._lock:
            self.refuse_closed()
            first = not self._started
            if first:
                self._start()
            new = self._settle()
            try:
                new = self._put(table, line) or new
            except BufferFull as full:
                self._wait_for_room(len(line), full, timeout)
                new = self._put(table, line) or new
            if self._finished:  # a signal's handler has closed it meanwhile, and nobody would send it
                self.refuse_closed()
            self._open_inbox()
            if new and not first:
                self._wake()

    def settle(self, row: Row) -> None:
        """Look after the inbox, which this row was just put into: it is full, or was closed meanwhile.

        Raises:
            Closed: nothing is accepted any more, and the row was not either.
        """
        with self._lock:
            rows = self.inbox.rows
            if self._closed:
                # It may have been settled before, by whoever closed, and is accepted then.
                for index, other in enumerate(rows):
                    if other is row:
                        del rows[index]
                        self.refuse_closed()
                return
            new = self._settle()
            self._open_inbox()
            if new:
                self._wake()

    def hurry(self) -> int:
        """Have all sent now that was accepted so far, and get a mark for it."""
        with self._lock:
            self._settle()
            mark = self._delivery.hurry()
            self._wake()
            return mark

    def ended(self, mark: int) -> bool:
        """Whether all up to the mark has come to its end and the program was told, and likewise all that was left behind."""
        with self._lock:
            return not self._keeper.pending and self._delivery.ended(max(mark, self._keeper.last_adopted))

    def moving(self) -> bool:
        """Whether there will be more room in the buffer without the program's doing."""
        with self._lock:
            return self._delivery.moving

    def wait(self, wanted: Callable[[], bool], limit: float | None) -> bool:
        """Wait until this is so, which is looked at whenever a message has come to its end; tells whether it is."""
        with self._lock:
            return self._ended.wait_for(wanted, limit)

    @contextlib.contextmanager
    def watched(self, watcher: Callable[[], object]) -> Iterator[None]:
        """Have this called, by any thread, whenever a message has come to its end. It must not raise or wait."""
        with self._lock:
            self._watchers = (*self._watchers, watcher)
        try:
            yield
        finally:
            with self._lock:
                self._watchers = tuple(other for other in self._watchers if other is not watcher)

    def lateness(self, mark: int) -> tuple[Mapping[str, int], PanoplyException | None]:
        """For each table, how many records up to the mark are still to be sent, and what is known against it."""
        with self._lock:
            return self._delivery.waiting(mark), self._delivery.trouble(mark)

    def take_failures(self) -> tuple[tuple[DeliveryEvent, ...], Mapping[str, int]]:
        """What was handed back since this was last asked, and how many records more only handlers have had."""
        with self._lock:
            failures, forgotten = self._delivery.take_failures(), self._delivery.take_forgotten()
            self._notify()
        return failures, forgotten

    def drop(self, failures: tuple[DeliveryEvent, ...]) -> None:
        """The program has these records now: the spool need not keep them."""
        for failure in failures:
            self._forget(failure.batch_id)

    def begin_to_close(self) -> int:
        """Accept nothing more, and have all sent now; returns a mark for it."""
        with self._lock:
            self.inbox.open = False
            self._closed = True
            mark = self.hurry()
            self._notify()
            return mark

    def finished_or_ended(self, mark: int) -> bool:
        """Whether there is nothing to wait for before `finish`."""
        return self._finished or self.ended(mark)

    def finish(self, limit: float | None, deadline: float | None, *, join: bool = True) -> Outcome:
        """End everything, whatever is left.

        Args:
            limit: seconds that there were.
            deadline: when they are over.
            join: wait for the threads, until the deadline. They also end by themselves.
        """
        with self._lock:
            if self._finished:  # another thread was faster, or it was closed before
                return Outcome()
            self._settle()
            gave_up: tuple[DeliveryEvent, ...] = ()
            left: Mapping[str, int] = {}
            segments = self._keeper.pending
            if self._keeper.spool is not None:
                left = self._delivery.leave()
            else:
                gave_up = self._delivery.give_up(f"there was no time left to send them: close() had {limit} seconds")
            failures, forgotten = self._delivery.take_failures(), self._delivery.take_forgotten()
            self._finished = True
            self._keeper.leave()
            spool = self._keeper.spool
            self._work.notify_all()
            self._notify()
            senders = list(self._senders)
        if gave_up and not self._teller.hears("error"):
            self._teller.log_failures(gave_up)
        for event in gave_up:
            self._tell("error", event, deadline)
        if not senders:
            self._close_transport()
        if join:
            # But not for one that is about to start, in what a signal's handler has interrupted to close.
            started = [sender for sender in senders if sender.is_alive()]
            # They need the lock until they leave the list. Whoever was interrupted may hold it, and only this lets go of it.
            self.wait(lambda: not any(sender in self._senders for sender in started), _left(deadline))
            # The last of them closes the transport: nobody else may while one could send.
            for sender in started:
                sender.join(_left(deadline))
        self._unregister()
        return Outcome(
            failures=failures, forgotten=forgotten, late=bool(gave_up), left=left, segments=segments, spool=spool
        )

    def close_spool(self) -> None:
        """Let the next SDK have what is in the spool now."""
        with self._lock:
            self._keeper.close()

    # --- taking records over; with the lock held

    def _put(self, table: str, line: bytes) -> bool:
        """Give a record to the delivery, and to the spool before; tells whether somebody has to look at `wake_at` again."""
        size, spool, delivery = len(line), self._keeper.spool, self._delivery
        now = time.monotonic()
        if spool is None or size > self._max_bytes or not delivery.make_room(size):
            return delivery.accept(table, line, now)
        batch = delivery.place(size)
        try:
            spool.append(batch, line)
        except SpoolError:
            self.refuse_closed()  # by a signal's handler, just now
            raise
        new = delivery.accept(table, line, now)
        if delivery.placed != batch:  # a signal's handler has written in between
            spool.append(delivery.placed, line)
        return new

    def _settle(self) -> bool:
        """Give the rows of the inbox to the delivery; tells whether somebody has to look at `wake_at` again."""
        rows, new = self.inbox.rows, False
        if rows:
            self._settlements += 1
            mine, settled = self._settlements, rows[:]
            count = len(settled)
            for table, run in groupby(settled, _TABLE_OF):
                if self._settlements != mine:
                    break
                written = [row[1] for row in run]
                lines = self._encoder.joined(table, written)
                new = self._delivery.take_over(table, lines, len(written), self._settled_at) or new
            # First put where they belong, then taken from where they were, and by whoever came last: a signal's handler
            # may have settled them meanwhile, and rows may have come since. At worst some are there twice.
            if self._settlements == mine:  # and between this and the next step, no handler can come
                del rows[:count]
        self._settled_at = time.monotonic()
        return new

    def _open_inbox(self) -> None:
        """Let records be written without the lock, if a sender is sure to come for them."""
        self.inbox.open = (
            self._keeper.spool is None
            and not self._closed
            and self._max_bytes > LONGEST
            and self._delivery.takes_more(MOST_UNSEEN)
        )

    def _wait_for_room(self, size: int, full: BufferFull, timeout: float | None) -> None:
        """Let others go on until there is room.

        Raises:
            BufferFull: `full`: nothing is left that could make room, it took too long, or this is a handler.
            Closed: the SDK was closed meanwhile.
        """
        self._wake()
        if self._in_background() or not self._delivery.moving:
            raise full
        if not self._ended.wait_for(lambda: self._closed or self._delivery.make_room(size), timeout):
            raise full
        self.refuse_closed()

    # --- senders

    def _start(self) -> None:
        """Begin work with a first sender, and see to it that the process does not end without it; with the lock held."""
        self._keeper.open()
        try:
            self._start_sender()
        except RuntimeError as exc:
            raise PanoplyException(
                f"the record was not accepted, as no thread can be started to send it: {exc}"
            ) from exc
        self._started = True
        atexit.register(self._at_exit)
        # Children of multiprocessing end without atexit (but for spawned ones). Whoever runs in one has imported this.
        process = sys.modules.get("multiprocessing.process")
        if process is not None and process.parent_process() is not None:
            from multiprocessing.util import Finalize  # noqa: PLC0415

            self._finalizer = Finalize(None, self._at_exit, exitpriority=0).cancel

    def _start_sender(self) -> None:
        if _over.is_set():
            raise RuntimeError("the interpreter exits")
        thread = threading.Thread(target=self._run, name=f"panoply.SDK {self._account}", daemon=True)
        self._senders.append(thread)
        try:
            thread.start()
        except BaseException:
            self._senders.remove(thread)
            raise

    def _wake(self) -> None:
        """Have a sender look at what there is to do and when; with the lock held. All may be at work: they look later."""
        if self._delivery.wake_at is None and not self._keeper.wants:
            return
        if self._idle:
            self._work.notify()
        elif 0 < len(self._senders) < self._max_in_flight and not self._finished:
            with contextlib.suppress(RuntimeError):  # no more threads to be had: those that there are have to do
                self._start_sender()

    def _run(self) -> None:
        sender = threading.current_thread()
        if isinstance(self._transport, SQSTransport):
            with contextlib.suppress(Exception):  # it is tried again, and told, with the first message
                self._transport.prepare()
        while (job := self._next(sender)) is not None:
            if isinstance(job, Attempt):
                self._send(job)
            else:
                self._adopt(job)
        with self._lock:
            if sender not in self._senders:  # this is the child of a process that was forked by a handler
                return
            self._senders.remove(sender)
            last = not self._senders
            self._notify()
        if last:
            self._close_transport()

    def _next(self, sender: threading.Thread) -> Attempt | Leftover | None:
        """Wait for a message to send, or to take over from a former process; None when there will be no more."""
        with self._lock:
            while not self._finished and sender in self._senders:
                # Closed first, and settled then: a row that comes after that finds it closed.
                self.inbox.open = False
                self._settle()
                attempt = self._delivery.start(time.monotonic())
                self._open_inbox()
                if attempt is not None:
                    self._wake()  # another one looks after the rest, however long this one takes
                    return attempt
                wake_at = self._delivery.wake_at
                # One at a time, and only where there is nothing else to do: they have waited for long.
                leftover = self._keeper.take(self._has_room)
                if leftover is not None:
                    return leftover
                self._idle += 1
                try:
                    self._work.wait(None if wake_at is None else max(0.0, wake_at - time.monotonic()))
                finally:
                    self._idle -= 1
        return None

    def _has_room(self, size: int) -> bool:
        """Whether there is room for what a former process left: for more than fits at all, if there is nothing else."""
        return self._delivery.make_room(min(size, self._max_buffer))

    def _adopt(self, leftover: Leftover) -> None:
        """Make messages of what a former process left in the spool."""
        lines = lines_of(leftover)
        with self._lock:
            ids = self._delivery.adopt(lines or ())
            self._keeper.adopted(leftover, ids)
            self._wake()
            self._notify()
        if lines == []:
            self._keeper.delete(leftover.drop)

    def _forget(self, batch_id: int) -> None:
        """A message need not be in the spool any more."""
        with self._lock:
            drop = self._keeper.forget(batch_id)
        self._keeper.delete(drop)

    def _send(self, attempt: Attempt) -> None:
        self._tell("send", attempt.event())
        with self._lock:
            if not self._delivery.expects(attempt):
                return
        error: PanoplyException | None = None
        receipt = ""
        try:
            receipt = _checked(self._transport.send(attempt.message.body))
        except PanoplyException as exc:
            error = exc
        except BaseException as exc:  # noqa: BLE001 - whatever it is, this thread has to go on with the other records
            # Without its message: it is foreign, and may hold records or credentials.
            error = DeliveryError(f"{type(self._transport).__name__}.send() raised {type(exc).__name__}")
            error.retryable = isinstance(exc, OSError)  # the network; another is a fault in the transport
            error.__cause__ = exc
        with self._lock:
            if error is None:
                event = self._delivery.succeeded(attempt, receipt)
                trouble, self._troubled = False, False
            else:
                event = self._delivery.failed(attempt, error, time.monotonic())
                trouble, self._troubled = event is None and not self._troubled and not self._finished, event is None
                self._wake()  # handlers may take long, and what failed is to be tried again before
        if event is not None:
            if error is None:
                self._forget(event.batch_id)
            elif not self._teller.hears("error"):
                self._teller.log_failures((event,))
            self._tell("flush" if error is None else "error", event)
        elif trouble:
            self._teller.log_trouble(attempt.message.tables, error)

    # --- telling

    def _notify(self) -> None:
        """Wake all who wait for a message's end; with the lock held."""
        self._ended.notify_all()
        for watcher in self._watchers:
            watcher()

    def _tell(self, name: str, event: DeliveryEvent, deadline: float | None = None) -> None:
        """Call the handlers, and note that they have run."""
        heard, delivery, teller = self._teller.hears(name), self._delivery, self._teller
        try:
            if heard:
                teller.tell(name, event, deadline)
        finally:
            if name == "error" and heard:
                self._forget(event.batch_id)
            if name != "send":
                with self._lock:
                    delivery.told(event, heard=heard)
                    self._notify()

    # --- the end

    def _close_transport(self) -> None:
        try:
            self._transport.close()
        except BaseException as exc:  # noqa: BLE001 - nothing depends on it any more
            with contextlib.suppress(BaseException):
                _log.warning("%s.close() raised %s.", type(self._transport).__name__, type(exc).__name__)

    def _in_background(self) -> bool:
        """Whether this is a handler, or the transport."""
        return self._teller.is_here() or threading.current_thread() in self._senders

    def close(self, limit: float | None) -> Outcome:
        """Send what is left, as far as there is time for it, and end everything. What fails stays in the spool as yet."""
        deadline = None if limit is None else time.monotonic() + limit
        mark = self.begin_to_close()
        self.wait(lambda: self.finished_or_ended(mark), limit)
        return self.finish(limit, deadline)

    def _at_exit(self) -> None:
        """Send what is left when the interpreter exits, or say what was lost: nobody is there to catch an exception."""
        self._teller.exiting = True
        words: list[str] = []
        try:
            outcome = self.close(EXIT_TIMEOUT)
        except BaseException as exc:  # noqa: BLE001 - Ctrl-C, or a signal's handler: it is to end now, but not in silence
            if isinstance(exc, DeliveryError):  # the handler has closed, and nobody else hears of it
                words.append(str(exc))
            outcome = self.close(0.0)
        self.close_spool()
        words += outcome.last_words()
        if sys.stderr is not None:
            sys.stderr.write("".join(f"panoply: {line}\n" for line in words))

    def at_last(self) -> None:
        """Do now what was to be done at exit, if there is any of it left."""
        if self._started and not self._finished:
            self._at_exit()

    def _unregister(self) -> None:
        _open.discard(self)
        atexit.unregister(self._at_exit)
        if self._finalizer is not None:
            self._finalizer()

    def forked(self) -> None:
        """This is a child process: what there is, is the parent's, whose threads send it."""
        atexit.unregister(self._at_exit)
        self._keeper.forked()
        self._finished = self._closed
        self._begin_anew()
        if isinstance(self._transport, SQSTransport):
            self._transport.forked()


def _left(deadline: float | None) -> float | None:
    """Seconds until then."""
    return None if deadline is None else max(0.0, deadline - time.monotonic())


# Forks are the process's business, and so is this: the SDKs whose records a child must not take for its own.
_open: Final[weakref.WeakSet[Dispatcher]] = weakref.WeakSet()


# Nor is it to write where nobody comes for it any more.
_over: Final = threading.Event()


def _at_last() -> None:
    """Close what was first written to while the interpreter was exiting already: Python 3.11 calls nothing registered then."""
    _over.set()
    for dispatcher in list(_open):
        dispatcher.at_last()


# Before any other of this kit's, so that it is called after them, and after those of a program that imports this first.
atexit.register(_at_last)


def _begin_anew_after_fork() -> None:
    for dispatcher in list(_open):
        dispatcher.forked()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_begin_anew_after_fork)


def _checked(receipt: object) -> str:
    if not isinstance(receipt, str):
        error = DeliveryError(f"the transport's send() returned {type(receipt).__name__} instead of a receipt (text)")
        error.retryable = False
        raise error
    return receipt
