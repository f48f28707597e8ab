"""`panoply.SDK`: streams records to Panoply from background threads of its own.

What happens to a record is decided in `delivery`, and driven by `_dispatch`; here is what a program calls.
"""

from __future__ import annotations

import json
import logging
import math
import threading
from functools import partial
from gc import is_tracked
from typing import TYPE_CHECKING, Any, Final, Self, TypedDict

from orjson import dumps

from panoply._dispatch import EXIT_TIMEOUT, Dispatcher
from panoply._inbox import MOST_ROWS
from panoply.constants import FLUSH_TIMEOUT, MAXSIZE
from panoply.credentials import Credentials
from panoply.delivery import MAX_BUFFER, MAX_IN_FLIGHT, counted, handed_back
from panoply.encoding import BRACKET, JSON_OPTIONS, NEWLINE, RARE, SHORT, Encoder, reraise_interrupt
from panoply.errors import DeliveryError, DeliveryTimeout
from panoply.events import Emitter
from panoply.sqs import MAX_MESSAGE, SQSTransport, Transport, body_limit

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Mapping
    from types import TracebackType

    from panoply._outcome import Outcome
    from panoply.spool import Spool
    from panoply.sqs import WireProtocol

    JSONEncoding = type[json.JSONEncoder] | json.JSONEncoder | Callable[[Any], Any]

# The first two are where SDK 1.x to 3.x had them, too.
__all__ = ["FLUSH_TIMEOUT", "MAXSIZE", "SDK", "TIMEOUT", "WRITE_TIMEOUT", "Options", "seconds"]

# Seconds that `flush` and `close` wait if they are not told how long: for a far end that is restarted, or for some tries.
# One that is away for longer is something that the program has to hear of.
TIMEOUT: Final = 60.0

# Seconds that `write` waits for room: as long as the longest pause between two tries, after which much may have gone.
WRITE_TIMEOUT: Final = 30.0

_log = logging.getLogger("panoply.sdk")


class Options(TypedDict, total=False):
    """What any SDK can be told besides key and secret, and how long `write` waits; `SDK` describes it."""

    endpoint_url: str | None
    protocol: WireProtocol
    encoder: Callable[[Any], Any] | None
    jsonEncoder: JSONEncoding | None
    transport: Transport | None
    max_message: int
    max_in_flight: int
    max_buffer: int
    spool: str | os.PathLike[str] | None
    spool_sync: bool


class SDK(Emitter):
    """A connection to Panoply. Records are written at once, and sent in the background.

        with panoply.SDK(apikey, apisecret) as conn:
            conn.write("tablename", {"foo": "bar"})

    Each accepted record is delivered at least once, or handed back: by the event `error`, and by the `DeliveryError` of the
    next `flush()` or `close()`. What fails for now (the far end is down, or wants less) is tried again, with pauses that grow
    to half a minute, until it succeeds or the SDK is closed; what cannot succeed is handed back at once. A failure that no
    handler hears is logged (logger `panoply.sdk`), and what is left when the interpreter exits is sent within a few seconds,
    or reported on stderr. With `spool`, what is not delivered in time stays there instead. After a fork the child has none of the parent's records, and sends its own.

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
        protocol: how to talk to SQS: `json`, `query`, or `auto`, which begins with the one and takes the other where the
            queue refuses unsigned messages in it.
        encoder: called with a value that has no JSON form; returns one that has.
        jsonEncoder: a `json.JSONEncoder`, its class or its `default`, whose forms go before those that values of a type have
            here. It works as it does with `json.dumps`, and as slowly; `encoder` does not.
        transport: takes the messages instead of SQS.
        max_message: bytes of a message at most, its attributes included. Queues made since 2025 may take up to 1 MiB.
        max_in_flight: how many messages may be on their way at the same time. With more than one, their order may change.
        max_buffer: how many bytes of records, as JSON, are kept at most. A message has to fit.
        write_timeout: seconds that `write` waits at most when the buffer is full. 0 does not wait, None waits for ever.
        spool: a folder in which accepted records are kept as well until they are delivered. What a process leaves there,
            however it ends, the next SDK with the same credentials and folder sends.
        spool_sync: have `write` wait until the disk itself has the record, which then survives a power cut. Some hundred
            times slower.

    Raises:
        CredentialsError: key or secret is malformed.
        SpoolError: there can be no spool in that folder.
        ValueError, TypeError: one of the other arguments is not what it has to be.
    """

    def __init__(  # noqa: PLR0913 - each has its default, and a name
        self,
        apikey: str | bytes,
        apisecret: str | bytes,
        *,
        endpoint_url: str | None = None,
        protocol: WireProtocol = "auto",
        encoder: Callable[[Any], Any] | None = None,
        jsonEncoder: JSONEncoding | None = None,  # noqa: N803 - as published
        transport: Transport | None = None,
        max_message: int = MAX_MESSAGE,
        max_in_flight: int = MAX_IN_FLIGHT,
        max_buffer: int = MAX_BUFFER,
        write_timeout: float | None = WRITE_TIMEOUT,
        spool: str | os.PathLike[str] | None = None,
        spool_sync: bool = False,
    ) -> None:
        credentials = Credentials.parse(apikey, apisecret)
        if encoder is not None and not callable(encoder):
            raise TypeError(f"encoder has to be a function of one value, not {type(encoder).__name__}")
        if encoder is not None and jsonEncoder is not None:
            raise TypeError("jsonEncoder is what encoder= was called before: pass one of them")
        if transport is not None and not isinstance(transport, Transport):
            raise TypeError(f"transport has to have send(body) and close(), which {type(transport).__name__} has not")
        if transport is not None and (endpoint_url is not None or protocol != "auto"):
            raise TypeError("endpoint_url and protocol are for SQS, and transport= takes its place: pass one of them")
        if spool is None and spool_sync:
            raise TypeError("spool_sync is for a spool: pass spool=PATH, too")
        self.apikey = credentials.apikey
        self.apisecret = credentials.apisecret
        self.qurl = credentials.queue_url
        self._account = credentials.account
        max_bytes = body_limit(credentials, max_message)
        connections = _whole("max_in_flight", max_in_flight, least=1)
        self._write_timeout = seconds(write_timeout, "write_timeout")
        self._encoder = Encoder(encoder) if jsonEncoder is None else Encoder(_default_of(jsonEncoder), asked_first=True)
        self._openings = self._encoder.openings
        self._default = self._encoder.default
        self._dispatcher = Dispatcher(
            self,
            account=credentials.account,
            transport=SQSTransport(credentials, endpoint_url, protocol=protocol, connections=connections)
            if transport is None
            else transport,
            encoder=self._encoder,
            max_bytes=max_bytes,
            max_in_flight=connections,
            max_buffer=_whole("max_buffer", max_buffer, least=max_bytes),
            open_spool=None if spool is None else _spool_at(spool, self.qurl, sync=spool_sync),
        )
        self._inbox = self._dispatcher.inbox

    def __repr__(self) -> str:
        state = "closed" if self._dispatcher.closed else "open"
        return (
            f"<panoply.{type(self).__name__} of {self._account}, {state}, {self._dispatcher.waiting()} records waiting>"
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
            self.close(timeout=TIMEOUT if isinstance(exc, Exception) else EXIT_TIMEOUT)
        except DeliveryError as lost:
            exc.add_note(f"Besides, when panoply.SDK was closed: {lost}")

    def write(self, table: str, data: Mapping[Any, Any]) -> None:  # noqa: C901 - in one frame, see below
        """Take a record over, to be sent with others within two seconds. It may be changed or reused afterwards.

        It waits, up to `write_timeout`, while the buffer is full; in a handler, which would wait for itself, it does not.

        Raises:
            RecordError: it cannot be sent as JSON. `place` and `reason` tell where and why.
            RecordTooLarge: it is larger than a message.
            BufferFull: there was no room for it in time. It was not accepted, and may be written again.
            SpoolError: it cannot be written to the spool. It was not accepted.
            Closed: `close()` was called before.
        """
        inbox = self._inbox
        # Most records are short dicts for a table that there was a record for before. These need no lock, and most of these
        # hold nothing but text and numbers: the garbage collector does not track them. All that is done for those is here,
        # without a call that could be spared.
        if inbox.open and type(data) is dict and data and type(table) is str:
            written = None  # as long as nothing is certain, which is looked into with care below
            try:
                if table not in self._openings or "__table" in data:
                    pass
                elif is_tracked(data):
                    written = self._encoder.written(data)
                else:
                    written = dumps(data, self._default, JSON_OPTIONS)
                    # A tuple of leaves is not tracked either, and may hold a NaN.
                    if BRACKET in written or NEWLINE in written or RARE in written:
                        written = self._encoder.written(data)
                    for value in data.values():
                        if type(value) is float and value - value != 0.0:
                            written = None
            except (TypeError, RuntimeError) as exc:  # orjson's, or another thread has changed it just now
                reraise_interrupt(exc)
                written = None
            if written is not None:
                if len(written) <= SHORT:
                    row = (table, written)
                    rows = inbox.rows
                    rows.append(row)
                    if len(rows) >= MOST_ROWS or not inbox.open:
                        self._dispatcher.settle(row)
                else:
                    self._dispatcher.accept(table, self._encoder.joined(table, [written]), self._write_timeout)
                return
        line = self._encoded(table, data)
        self._dispatcher.accept(str.__str__(table), line, self._write_timeout)

    def flush(self, timeout: float | None = TIMEOUT) -> None:
        """Wait until all that was written before is in the queue. What waits to be tried again is tried now.

        Args:
            timeout: seconds to wait at most, a minute if it is not said. None waits until everything has been delivered or
                handed back, however long the far end is away.

        Raises:
            DeliveryError: some records were handed back since this was last reported; they are its `records`.
            DeliveryTimeout: the deadline came first. The records stay here and are still being sent.
        """
        limit = seconds(timeout)
        self._dispatcher.refuse_background("flush")
        mark = self._dispatcher.hurry()
        self._dispatcher.wait(partial(self._dispatcher.ended, mark), limit)
        self._report(mark, timeout)

    def close(self, timeout: float | None = TIMEOUT) -> None:
        """Send what is left, and end the background threads. To close again does nothing.

        Args:
            timeout: seconds to wait at most, a minute if it is not said. None waits until everything has been delivered or
                handed back, however long the far end is away.

        Raises:
            DeliveryError: some records were handed back since this was last reported; they are its `records`.
            DeliveryTimeout: the deadline came first: these `records` were not delivered in time, and are handed back.
                A message that was on its way just then may have arrived nevertheless. With a spool they stay there instead,
                and this is only logged.
        """
        limit = seconds(timeout)
        self._dispatcher.refuse_background("close")
        self._conclude(self._dispatcher.close(limit))

    def _encoded(self, table: str, data: Mapping[Any, Any]) -> bytes:
        self._dispatcher.refuse_closed()  # also told when the record is wrong as well
        return self._encoder.line(table, data)

    def _report(self, mark: int, timeout: float | None) -> None:
        """Raise for what is late, or what was handed back."""
        waiting, trouble = self._dispatcher.lateness(mark)
        # Handlers that take longer than the deadline do not make a delivered record late.
        if waiting:
            raise DeliveryTimeout(
                f"{counted(waiting)} not in the queue after {timeout} seconds. They are still being sent; "
                "flush again to wait on, or close to get back what cannot be sent"
                + ("" if trouble is None else f". The last try failed: {trouble}")
            ) from trouble
        failures, forgotten = self._dispatcher.take_failures()
        if failures or forgotten:
            self._dispatcher.drop(failures)
            raise handed_back(failures, forgotten=forgotten)

    def _conclude(self, outcome: Outcome) -> None:
        """Raise for what was handed back; tell of what stays in the spool."""
        self._dispatcher.drop(outcome.failures)
        self._dispatcher.close_spool()
        if outcome.left_behind:
            _log.warning("%s.", outcome.left_behind)
        if outcome.failures or outcome.forgotten:
            raise handed_back(outcome.failures, DeliveryTimeout if outcome.late else DeliveryError, outcome.forgotten)


def _default_of(encoder: JSONEncoding) -> Callable[[Any], Any]:
    """What `json.dumps` would call of this encoder: its class, one of its kind, or a function."""
    if isinstance(encoder, type):
        encoder = encoder()
    default = encoder.default if isinstance(encoder, json.JSONEncoder) else encoder
    if not callable(default):
        raise TypeError(f"jsonEncoder has to be a json.JSONEncoder or a function, not {type(encoder).__name__}")
    return default


def _spool_at(path: str | os.PathLike[str], queue_url: str, *, sync: bool) -> Callable[[], Spool]:
    import hashlib  # noqa: PLC0415 - few have a spool

    from panoply.spool import Spool  # noqa: PLC0415

    # Whose records they are has to be told apart, but the queue's name, a part of the secret, is not to be seen.
    owner = hashlib.sha256(queue_url.encode()).hexdigest()[:16]
    return lambda: Spool(path, owner=owner, sync=sync)


def seconds(timeout: float | None, name: str = "timeout") -> float | None:
    """A number of seconds as a program gave it; None for one that no clock reaches.

    Raises:
        TypeError, ValueError: it is none. The message calls it `name`.
    """
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
