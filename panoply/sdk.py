"""`panoply.SDK`: streams records to Panoply from a background thread of its own.

What happens to a record is decided in `delivery`; here are the lock, the thread, the clock, the handlers and the
interpreter's exit that drive it.
"""

from __future__ import annotations

import atexit
import contextlib
import logging
import math
import sys
import threading
import time
from collections import Counter
from typing import TYPE_CHECKING, Any, Final, Self

from panoply.constants import FLUSH_TIMEOUT
from panoply.credentials import Credentials
from panoply.delivery import Attempt, Delivery, DeliveryEvent, counted, handed_back, reasons
from panoply.encoding import encode_record
from panoply.errors import Closed, DeliveryError, DeliveryTimeout, PanoplyException
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

_log = logging.getLogger("panoply.sdk")


class SDK(Emitter):
    """A connection to Panoply. Records are written at once, and sent in the background.

        with panoply.SDK(apikey, apisecret) as conn:
            conn.write("tablename", {"foo": "bar"})

    Each accepted record is delivered at least once, or handed back: by the event `error`, and by the `DeliveryError` of the
    next `flush()` or `close()`. A failure that no handler hears is logged (logger `panoply.sdk`), and what is left when the
    interpreter exits is sent within a few seconds, or reported on stderr.

    Events, each with a `DeliveryEvent`: `send` before a message is sent, `flush` when the queue has it, `error` when it could
    not be delivered. Handlers run in the background thread (at the deadline of `close`, in the one that closes). They may
    call `write`, but neither `flush` nor `close`, which wait for them.

    Args:
        apikey: as Panoply gave it out.
        apisecret: as Panoply gave it out.
        endpoint_url: another SQS than Amazon's, for example a local one. The AWS SDK's environment variables work too.
        encoder: called with a value that has no JSON form; returns one that has.
        transport: takes the messages instead of SQS.

    Raises:
        CredentialsError: key or secret is malformed. Nothing else can be wrong before something is sent.
    """

    def __init__(
        self,
        apikey: str | bytes,
        apisecret: str | bytes,
        *,
        endpoint_url: str | None = None,
        encoder: Callable[[Any], Any] | None = None,
        transport: Transport | None = None,
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
        self._transport: Transport = SQSTransport(credentials, endpoint_url) if transport is None else transport
        self._delivery = Delivery(max_bytes=body_limit(credentials), linger=_LINGER)
        # Guards what follows and `_delivery`. Never held while foreign code (transport, handlers, encoder) runs.
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._closed = False  # nothing is accepted any more
        self._finished = False  # nothing is sent any more
        self._exiting = False

    def __repr__(self) -> str:
        with self._changed:
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
            self.close(timeout=None if isinstance(exc, Exception) else _EXIT_TIMEOUT)
        except DeliveryError as lost:
            exc.add_note(f"Besides, when panoply.SDK was closed: {lost}")

    def write(self, table: str, data: Mapping[Any, Any]) -> None:
        """Take a record over, to be sent with others within two seconds. It may be changed or reused afterwards.

        Raises:
            RecordError: it cannot be sent as JSON. `place` and `reason` tell where and why.
            RecordTooLarge: it is larger than a message.
            Closed: `close()` was called before.
        """
        if self._closed:  # also told when the record is wrong as well
            raise _closed()
        line = encode_record(table, data, encoder=self._encoder)
        with self._changed:
            if self._closed:
                raise _closed()
            if self._thread is None:
                self._thread = self._started()
            if self._delivery.accept(str.__str__(table), line, time.monotonic()):
                self._changed.notify_all()

    def flush(self, timeout: float | None = None) -> None:
        """Wait until all that was written before is in the queue.

        Args:
            timeout: seconds to wait at most; None waits until everything has been delivered or handed back.

        Raises:
            DeliveryError: some records were handed back since this was last reported; they are its `records`.
            DeliveryTimeout: the deadline came first. The records stay here and are still being sent.
        """
        limit = _seconds(timeout)
        self._refuse_background("flush")
        with self._changed:
            mark = self._delivery.hurry()
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._delivery.ended(mark), limit)
            # Handlers that take longer than the deadline do not make a delivered record late.
            if waiting := self._delivery.waiting(mark):
                raise DeliveryTimeout(
                    f"{counted(waiting)} not in the queue after {timeout} seconds. They are still being sent; "
                    "flush again to wait on, or close to get back what cannot be sent"
                )
            failures = self._delivery.take_failures()
        if failures:
            raise handed_back(failures)

    def close(self, timeout: float | None = None) -> None:
        """Send what is left, and end the background thread. To close again does nothing.

        Args:
            timeout: seconds to wait at most; None waits until everything has been delivered or handed back.

        Raises:
            DeliveryError: some records were handed back since this was last reported; they are its `records`.
            DeliveryTimeout: the deadline came first: these `records` were not delivered in time, and are handed back.
                A message that was on its way just then may have arrived nevertheless.
        """
        limit = _seconds(timeout)
        self._refuse_background("close")
        failures, late = self._finish(limit)
        if failures:
            raise handed_back(failures, DeliveryTimeout if late else DeliveryError)

    def _finish(self, limit: float | None) -> tuple[tuple[DeliveryEvent, ...], bool]:
        """End everything; what could not be delivered, and whether that is for want of time."""
        deadline = None if limit is None else time.monotonic() + limit
        with self._changed:
            self._closed = True
            mark = self._delivery.hurry()
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._finished or self._delivery.ended(mark), limit)
            if self._finished:  # another thread was faster, or it was closed before
                return (), False
            self._finished = True
            gave_up = self._delivery.give_up(
                DeliveryTimeout(f"there was no time left to send them: close() had {limit} seconds")
            )
            failures = self._delivery.take_failures()
            self._changed.notify_all()
        for event in gave_up:
            self._tell("error", event)
        if self._thread is None:
            self._close_transport()
        else:
            # It closes the transport, too: nobody else may while it could be sending.
            self._thread.join(None if deadline is None else max(0.0, deadline - time.monotonic()))
        atexit.unregister(self._at_exit)
        return failures, bool(gave_up)

    def _started(self) -> threading.Thread:
        # boto3 imports this, which Python does not allow once the interpreter exits; and that may be when the thread gets
        # there, in a program that writes a record and ends.
        import concurrent.futures.thread  # noqa: F401, PLC0415

        thread = threading.Thread(target=self._run, name=f"panoply.SDK {self._account}", daemon=True)
        try:
            thread.start()
        except RuntimeError as exc:
            raise PanoplyException(
                f"the record was not accepted, as no thread can be started to send it: {exc}"
            ) from exc
        atexit.register(self._at_exit)
        return thread

    def _run(self) -> None:
        if isinstance(self._transport, SQSTransport):
            with contextlib.suppress(Exception):  # it is tried again, and told, with the first message
                self._transport.prepare()
        while (attempt := self._next()) is not None:
            self._send(attempt)
        self._close_transport()

    def _next(self) -> Attempt | None:
        """Wait for a message to send; None when there will be no more."""
        with self._changed:
            while not self._finished:
                attempt = self._delivery.start(time.monotonic())
                if attempt is not None:
                    return attempt
                wake_at = self._delivery.wake_at
                self._changed.wait(None if wake_at is None else max(0.0, wake_at - time.monotonic()))
        return None

    def _send(self, attempt: Attempt) -> None:
        self._tell("send", attempt.event())
        error: PanoplyException | None = None
        receipt = ""
        try:
            receipt = _checked(self._transport.send(attempt.message.body))
        except PanoplyException as exc:
            error = exc
        except BaseException as exc:  # noqa: BLE001 - whatever it is, this thread has to go on with the other records
            # Without its message: it is foreign, and may hold records or credentials.
            error = DeliveryError(f"{type(self._transport).__name__}.send() raised {type(exc).__name__}")
            error.__cause__ = exc
        with self._changed:
            event = (
                self._delivery.succeeded(attempt, receipt) if error is None else self._delivery.failed(attempt, error)
            )
        if event is not None:
            self._tell("flush" if error is None else "error", event)

    def _tell(self, name: str, event: DeliveryEvent) -> None:
        """Call the handlers, and note that they have run. Nothing that they raise gets out."""
        try:
            if name == "error" and not any(wanted in {"error", "*"} for wanted, _ in self._handlers):
                self._log_failure(event)
            self.fire(name, event)
        except BaseException as exc:  # noqa: BLE001 - such as sys.exit() in a handler, which fire() lets through
            with contextlib.suppress(BaseException):
                _log.error("A handler of the event %r raised %s.", name, type(exc).__name__)
        finally:
            if name != "send":
                with self._changed:
                    self._delivery.told(event)
                    self._changed.notify_all()

    def _log_failure(self, event: DeliveryEvent) -> None:
        if self._exiting and not _log.hasHandlers():
            return  # logging would print it to stderr, where the exit's own line comes
        _log.error(
            "%s were not delivered: %s. They are handed back by the next flush() or close(); on('error', ...) hears it at once.",
            counted(event.tables),
            event.error,
        )

    def _close_transport(self) -> None:
        try:
            self._transport.close()
        except BaseException as exc:  # noqa: BLE001 - nothing depends on it any more
            with contextlib.suppress(BaseException):
                _log.warning("%s.close() raised %s.", type(self._transport).__name__, type(exc).__name__)

    def _refuse_background(self, method: str) -> None:
        if threading.current_thread() is self._thread:
            raise PanoplyException(
                f"{method}() would wait for the handler that calls it, forever. Call it from another thread",
                retryable=False,
            )

    def _at_exit(self) -> None:
        """Send what is left when the interpreter exits, or say what was lost: nobody is there to catch an exception."""
        self._exiting = True
        failures, _ = self._finish(_EXIT_TIMEOUT)
        if failures and sys.stderr is not None:
            tables: Counter[str] = Counter()
            for failure in failures:
                tables.update(failure.tables)
            sys.stderr.write(f"panoply: {counted(tables)} were not delivered: {reasons(failures)}\n")


def _closed() -> Closed:
    return Closed("this SDK is closed, and the record was not accepted: write before close(), or make a new SDK")


def _checked(receipt: object) -> str:
    if not isinstance(receipt, str):
        raise DeliveryError(f"the transport's send() returned {type(receipt).__name__} instead of a receipt (text)")
    return receipt


def _seconds(timeout: float | None) -> float | None:
    if timeout is None:
        return None
    if isinstance(timeout, bool) or not isinstance(timeout, int | float):
        raise TypeError(f"timeout is a number of seconds or None, not {type(timeout).__name__}")
    if math.isnan(timeout) or timeout < 0:
        raise ValueError(f"timeout is a number of seconds from 0 on, or None, not {timeout}")
    return None if timeout > threading.TIMEOUT_MAX else float(timeout)
