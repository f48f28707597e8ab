"""`panoply.SDK`: streams records to Panoply from background threads of its own.

What happens to a record is decided in `delivery`; here are the lock, the threads, the clock, the handlers, and the ends of
processes that drive it.
"""

from __future__ import annotations

import atexit
import contextlib
import logging
import math
import os
import sys
import threading
import time
import weakref
from collections import Counter
from typing import TYPE_CHECKING, Any, Final, Self

from panoply.constants import FLUSH_TIMEOUT
from panoply.credentials import Credentials
from panoply.delivery import (
    MAX_BUFFER,
    MAX_IN_FLIGHT,
    Attempt,
    Delivery,
    DeliveryEvent,
    counted,
    handed_back,
    reasons,
)
from panoply.encoding import encode_record
from panoply.errors import BufferFull, Closed, DeliveryError, DeliveryTimeout, PanoplyException
from panoply.events import Emitter
from panoply.sqs import SQSTransport, Transport, body_limit

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import TracebackType

__all__ = ["SDK"]

# A message has to be on its way FLUSH_TIMEOUT after its first record. The quarter of a second is for a thread that is woken
# late, for handlers of `send`, and for a connection that has to be opened first.
_LINGER: Final = FLUSH_TIMEOUT - 0.25

# Seconds that a program's end, or its end by an interrupt, may be held up for what is not sent yet.
_EXIT_TIMEOUT: Final = 5.0

# Seconds that `flush` and `close` wait if they are not told how long: for a far end that is restarted, or for some tries.
# One that is away for longer is something that the program has to hear of.
_TIMEOUT: Final = 60.0

# Seconds that `write` waits for room: as long as the longest pause between two tries, after which much may have gone.
_WRITE_TIMEOUT: Final = 30.0

_log = logging.getLogger("panoply.sdk")


class SDK(Emitter):
    """A connection to Panoply. Records are written at once, and sent in the background.

        with panoply.SDK(apikey, apisecret) as conn:
            conn.write("tablename", {"foo": "bar"})

    Each accepted record is delivered at least once, or handed back: by the event `error`, and by the `DeliveryError` of the
    next `flush()` or `close()`. What fails for now (the far end is down, or wants less) is tried again, with pauses that grow
    to half a minute, until it succeeds or the SDK is closed; what cannot succeed is handed back at once. A failure that no
    handler hears is logged (logger `panoply.sdk`), and what is left when the interpreter exits is sent within a few seconds,
    or reported on stderr. After a fork the child has none of the parent's records, and sends its own.

    Events, each with a `DeliveryEvent`: `send` before each try to send a message, `flush` when the queue has it, `error` when
    it is handed back. Handlers run in background threads, one at a time (at the deadline of `close`, in the one that closes).
    They may call `write`, but neither `flush` nor `close`, which wait for them.

    What is accepted is kept in memory, up to `max_buffer`, until it is delivered. So are records that were handed back, until
    `flush()` or `close()` has raised them; but those that `error` handlers have had give way to new ones, and then `flush()`
    and `close()` only tell how many they were.

    Args:
        apikey: as Panoply gave it out.
        apisecret: as Panoply gave it out.
        endpoint_url: another SQS than Amazon's, for example a local one. The AWS SDK's environment variables work too.
        encoder: called with a value that has no JSON form; returns one that has.
        transport: takes the messages instead of SQS.
        max_in_flight: how many messages may be on their way at the same time. With more than one, their order may change.
        max_buffer: how many bytes of records, as JSON, are kept at most. A message has to fit.
        write_timeout: seconds that `write` waits at most when the buffer is full. 0 does not wait, None waits for ever.

    Raises:
        CredentialsError: key or secret is malformed. Nothing else can be wrong before something is sent.
    """

    def __init__(  # noqa: PLR0913 - each has its default, and a name
        self,
        apikey: str | bytes,
        apisecret: str | bytes,
        *,
        endpoint_url: str | None = None,
        encoder: Callable[[Any], Any] | None = None,
        transport: Transport | None = None,
        max_in_flight: int = MAX_IN_FLIGHT,
        max_buffer: int = MAX_BUFFER,
        write_timeout: float | None = _WRITE_TIMEOUT,
    ) -> None:
        credentials = Credentials.parse(apikey, apisecret)
        if encoder is not None and not callable(encoder):
            raise TypeError(f"encoder has to be a function of one value, not {type(encoder).__name__}")
        if transport is not None and not isinstance(transport, Transport):
            raise TypeError(f"transport has to have send(body) and close(), which {type(transport).__name__} has not")
        if transport is not None and endpoint_url is not None:
            raise TypeError("endpoint_url is for SQS, and transport= takes its place: pass one of them")
        self.apikey = credentials.apikey
        self.apisecret = credentials.apisecret
        self.qurl = credentials.queue_url
        self._account = credentials.account
        self._encoder = encoder
        self._max_bytes = body_limit(credentials)
        self._max_in_flight = _whole("max_in_flight", max_in_flight, least=1)
        self._max_buffer = _whole("max_buffer", max_buffer, least=self._max_bytes)
        self._write_timeout = _seconds(write_timeout, "write_timeout")
        self._transport: Transport = (
            SQSTransport(credentials, endpoint_url, connections=max_in_flight) if transport is None else transport
        )
        self._closed = False  # nothing is accepted any more
        self._finished = False  # nothing is sent any more
        self._exiting = False
        self._begin_anew()
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
        self._senders: list[threading.Thread] = []
        self._idle = 0  # senders that wait
        self._troubled = False  # the last message that came to an end failed, and that was logged
        self._telling = threading.Lock()  # held while handlers run
        self._tellers: set[int] = set()  # threads in which handlers run
        self._finalizer: Callable[[], object] | None = None

    def __repr__(self) -> str:
        with self._lock:
            state = "closed" if self._closed else "open"
            return (
                f"<panoply.SDK of {self._account}, {state}, {sum(self._delivery.waiting().values())} records waiting>"
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if exc is None:
            self.close()
            return
        try:
            # Who interrupts a program wants it to end.
            self.close(timeout=_TIMEOUT if isinstance(exc, Exception) else _EXIT_TIMEOUT)
        except DeliveryError as lost:
            exc.add_note(f"Besides, when panoply.SDK was closed: {lost}")

    def write(self, table: str, data: Mapping[Any, Any]) -> None:
        """Take a record over, to be sent with others within two seconds. It may be changed or reused afterwards.

        It waits, up to `write_timeout`, while the buffer is full; in a handler, which would wait for itself, it does not.

        Raises:
            RecordError: it cannot be sent as JSON. `place` and `reason` tell where and why.
            RecordTooLarge: it is larger than a message.
            BufferFull: there was no room for it in time. It was not accepted, and may be written again.
            Closed: `close()` was called before.
        """
        if self._closed:  # also told when the record is wrong as well
            raise _closed()
        line = encode_record(table, data, encoder=self._encoder)
        with self._lock:
            if self._closed:
                raise _closed()
            first = not self._senders
            if first:
                self._start()
            try:
                news = self._delivery.accept(str.__str__(table), line, time.monotonic())
            except BufferFull as full:
                self._wait_for_room(len(line), full)
                news = self._delivery.accept(str.__str__(table), line, time.monotonic())
            if news and not first:
                self._wake()

    def flush(self, timeout: float | None = _TIMEOUT) -> None:
        """Wait until all that was written before is in the queue. What waits to be tried again is tried now.

        Args:
            timeout: seconds to wait at most, a minute if it is not said. None waits until everything has been delivered or
                handed back, however long the far end is away.

        Raises:
            DeliveryError: some records were handed back since this was last reported; they are its `records`.
            DeliveryTimeout: the deadline came first. The records stay here and are still being sent.
        """
        limit = _seconds(timeout)
        self._refuse_background("flush")
        with self._lock:
            mark = self._delivery.hurry()
            self._wake()
            self._ended.wait_for(lambda: self._delivery.ended(mark), limit)
            # Handlers that take longer than the deadline do not make a delivered record late.
            if waiting := self._delivery.waiting(mark):
                trouble = self._delivery.trouble(mark)
                raise DeliveryTimeout(
                    f"{counted(waiting)} not in the queue after {timeout} seconds. They are still being sent; "
                    "flush again to wait on, or close to get back what cannot be sent"
                    + ("" if trouble is None else f". The last try failed: {trouble}")
                ) from trouble
            failures, forgotten = self._delivery.take_failures(), self._delivery.take_forgotten()
            self._ended.notify_all()
        if failures or forgotten:
            raise handed_back(failures, forgotten=forgotten)

    def close(self, timeout: float | None = _TIMEOUT) -> None:
        """Send what is left, and end the background threads. To close again does nothing.

        Args:
            timeout: seconds to wait at most, a minute if it is not said. None waits until everything has been delivered or
                handed back, however long the far end is away.

        Raises:
            DeliveryError: some records were handed back since this was last reported; they are its `records`.
            DeliveryTimeout: the deadline came first: these `records` were not delivered in time, and are handed back.
                A message that was on its way just then may have arrived nevertheless.
        """
        limit = _seconds(timeout)
        self._refuse_background("close")
        failures, forgotten, late = self._finish(limit)
        if failures or forgotten:
            raise handed_back(failures, DeliveryTimeout if late else DeliveryError, forgotten)

    def _finish(self, limit: float | None) -> tuple[tuple[DeliveryEvent, ...], Mapping[str, int], bool]:
        """End everything; what could not be delivered or kept, and whether that is for want of time."""
        deadline = None if limit is None else time.monotonic() + limit
        with self._lock:
            self._closed = True
            mark = self._delivery.hurry()
            self._wake()
            self._ended.notify_all()
            self._ended.wait_for(lambda: self._finished or self._delivery.ended(mark), limit)
            if self._finished:  # another thread was faster, or it was closed before
                return (), {}, False
            gave_up = self._delivery.give_up(f"there was no time left to send them: close() had {limit} seconds")
            failures, forgotten = self._delivery.take_failures(), self._delivery.take_forgotten()
            self._finished = True
            self._work.notify_all()
            self._ended.notify_all()
            senders = list(self._senders)
        if gave_up and not self._hears("error"):
            self._log_failures(gave_up)
        for event in gave_up:
            self._tell("error", event, deadline)
        if not senders:
            self._close_transport()
        for sender in senders:  # the last of them closes the transport: nobody else may while one could be sending
            sender.join(None if deadline is None else max(0.0, deadline - time.monotonic()))
        self._unregister()
        return failures, forgotten, bool(gave_up)

    def _wait_for_room(self, size: int, full: BufferFull) -> None:
        """Let others go on until there is room.

        Raises:
            BufferFull: `full`: nothing is left that could make room, it took too long, or this is a handler.
            Closed: the SDK was closed meanwhile.
        """
        self._wake()
        if self._in_background() or not self._delivery.moving:
            raise full
        if not self._ended.wait_for(lambda: self._closed or self._delivery.make_room(size), self._write_timeout):
            raise full
        if self._closed:
            raise _closed()

    # --- senders

    def _start(self) -> None:
        """Begin work with a first sender, and see to it that the process does not end without it."""
        # boto3 imports this, which Python does not allow once the interpreter exits; and that may be when the thread gets
        # there, in a program that writes a record and ends.
        import concurrent.futures.thread  # noqa: F401, PLC0415

        try:
            self._start_sender()
        except RuntimeError as exc:
            raise PanoplyException(
                f"the record was not accepted, as no thread can be started to send it: {exc}"
            ) from exc
        atexit.register(self._at_exit)
        # Children of multiprocessing end without atexit (but for spawned ones). Whoever runs in one has imported this.
        process = sys.modules.get("multiprocessing.process")
        if process is not None and process.parent_process() is not None:
            from multiprocessing.util import Finalize  # noqa: PLC0415

            self._finalizer = Finalize(None, self._at_exit, exitpriority=0).cancel

    def _start_sender(self) -> None:
        thread = threading.Thread(target=self._run, name=f"panoply.SDK {self._account}", daemon=True)
        self._senders.append(thread)
        try:
            thread.start()
        except BaseException:
            self._senders.remove(thread)
            raise

    def _wake(self) -> None:
        """Have a sender look at what there is to do and when; with the lock held. All may be at work: they look later."""
        if self._delivery.wake_at is None:
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
        while (attempt := self._next(sender)) is not None:
            self._send(attempt)
        with self._lock:
            if sender not in self._senders:  # this is the child of a process that was forked by a handler
                return
            self._senders.remove(sender)
            last = not self._senders
        if last:
            self._close_transport()

    def _next(self, sender: threading.Thread) -> Attempt | None:
        """Wait for a message to send; None when there will be no more."""
        with self._lock:
            while not self._finished and sender in self._senders:
                attempt = self._delivery.start(time.monotonic())
                if attempt is not None:
                    self._wake()  # another one looks after the rest, however long this one takes
                    return attempt
                wake_at = self._delivery.wake_at
                self._idle += 1
                try:
                    self._work.wait(None if wake_at is None else max(0.0, wake_at - time.monotonic()))
                finally:
                    self._idle -= 1
        return None

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
            if error is not None and not self._hears("error"):
                self._log_failures((event,))
            self._tell("flush" if error is None else "error", event)
        elif trouble:
            self._log_trouble(attempt, error)

    # --- telling

    def _tell(self, name: str, event: DeliveryEvent, deadline: float | None = None) -> None:
        """Call the handlers, and note that they have run. Nothing that they raise gets out.

        They run one at a time, but that after the deadline one that takes too long is not waited for.
        """
        heard = self._hears(name)
        delivery, teller, telling = self._delivery, threading.get_ident(), self._telling
        try:
            if heard:
                alone = telling.acquire(timeout=-1 if deadline is None else max(0.0, deadline - time.monotonic()))
                self._tellers.add(teller)
                try:
                    self.fire(name, event)
                finally:
                    self._tellers.discard(teller)
                    if alone:
                        telling.release()
        except BaseException as exc:  # noqa: BLE001 - such as sys.exit() in a handler, which fire() lets through
            with contextlib.suppress(BaseException):
                _log.error("A handler of the event %r raised %s.", name, type(exc).__name__)
        finally:
            if name != "send":
                with self._lock:
                    delivery.told(event, heard=heard)
                    self._ended.notify_all()

    def _hears(self, name: str) -> bool:
        return any(wanted in {name, "*"} for wanted, _ in self._handlers)

    def _log_failures(self, failures: tuple[DeliveryEvent, ...]) -> None:
        if self._exiting and not _log.hasHandlers():
            return  # logging would print it to stderr, where the exit's own line comes
        tables: Counter[str] = Counter()
        for failure in failures:
            tables.update(failure.tables)
        with contextlib.suppress(BaseException):  # logging has handlers, too
            _log.error(
                "%s were not delivered: %s. They are handed back by flush() or close(); on('error', ...) hears it at once.",
                counted(tables),
                reasons(failures),
            )

    def _log_trouble(self, attempt: Attempt, error: PanoplyException | None) -> None:
        if self._exiting and not _log.hasHandlers():
            return
        with contextlib.suppress(BaseException):
            _log.warning(
                "%s could not be sent for now: %s. This is tried again, as are others, without a further warning until "
                "one succeeds.",
                counted(attempt.message.tables),
                error,
            )

    # --- the end

    def _close_transport(self) -> None:
        try:
            self._transport.close()
        except BaseException as exc:  # noqa: BLE001 - nothing depends on it any more
            with contextlib.suppress(BaseException):
                _log.warning("%s.close() raised %s.", type(self._transport).__name__, type(exc).__name__)

    def _in_background(self) -> bool:
        """Whether this is a handler, or the transport."""
        return threading.get_ident() in self._tellers or threading.current_thread() in self._senders

    def _refuse_background(self, method: str) -> None:
        if self._in_background():
            raise PanoplyException(
                f"{method}() would wait for the handler that calls it, forever. Call it from another thread",
                retryable=False,
            )

    def _at_exit(self) -> None:
        """Send what is left when the interpreter exits, or say what was lost: nobody is there to catch an exception."""
        self._exiting = True
        try:
            failures, forgotten, _ = self._finish(_EXIT_TIMEOUT)
        except BaseException:  # noqa: BLE001 - Ctrl-C, or a signal's handler: it is to end now, but not in silence
            failures, forgotten, _ = self._finish(0.0)
        if (failures or forgotten) and sys.stderr is not None:
            tables = Counter(forgotten)
            for failure in failures:
                tables.update(failure.tables)
            why = reasons(failures) or "only handlers of 'error' have had them"
            sys.stderr.write(f"panoply: {counted(tables)} were not delivered: {why}\n")

    def _unregister(self) -> None:
        _open.discard(self)
        atexit.unregister(self._at_exit)
        if self._finalizer is not None:
            self._finalizer()

    def _forked(self) -> None:
        """This is a child process: what there is, is the parent's, whose threads send it."""
        atexit.unregister(self._at_exit)
        self._finished = self._closed
        self._begin_anew()
        if isinstance(self._transport, SQSTransport):
            self._transport.forked()


# Forks are the process's business, and so is this: the SDKs whose records a child must not take for its own.
_open: Final[weakref.WeakSet[SDK]] = weakref.WeakSet()


def _begin_anew_after_fork() -> None:
    for sdk in list(_open):
        sdk._forked()  # noqa: SLF001 - both are one


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_begin_anew_after_fork)


def _closed() -> Closed:
    return Closed("this SDK is closed, and the record was not accepted: write before close(), or make a new SDK")


def _checked(receipt: object) -> str:
    if not isinstance(receipt, str):
        error = DeliveryError(f"the transport's send() returned {type(receipt).__name__} instead of a receipt (text)")
        error.retryable = False
        raise error
    return receipt


def _seconds(timeout: float | None, name: str = "timeout") -> float | None:
    if timeout is None:
        return None
    if isinstance(timeout, bool) or not isinstance(timeout, int | float):
        raise TypeError(f"{name} is a number of seconds or None, not {type(timeout).__name__}")
    if math.isnan(timeout) or timeout < 0:
        raise ValueError(f"{name} is a number of seconds from 0 on, or None, not {timeout}")
    return None if timeout > threading.TIMEOUT_MAX else float(timeout)


def _whole(name: str, number: int, *, least: int) -> int:
    if isinstance(number, bool) or not isinstance(number, int):
        raise TypeError(f"{name} is a whole number, not {type(number).__name__}")
    if number < least:
        raise ValueError(f"{name} is at least {least}, not {number}")
    return number
