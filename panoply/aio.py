"""`panoply.AsyncSDK`: streams records to Panoply from an event loop, of asyncio or trio.

What happens to a record is decided in `delivery`, and driven by `_dispatch`, whose threads send the messages. Here is how a
task waits for them without holding up others.
"""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Self

from panoply._dispatch import EXIT_TIMEOUT
from panoply._signal import offload, pause, shielded, signal
from panoply.errors import BufferFull, DeliveryError
from panoply.sdk import SDK, TIMEOUT, WRITE_TIMEOUT, seconds

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import TracebackType
    from typing import Unpack

    from panoply.events import Handler
    from panoply.sdk import Options

__all__ = ["AsyncSDK"]

# Seconds of writing after which other tasks get a turn: a loop that does nothing but write would never give them one.
_TURN: Final = 0.001


class AsyncSDK:
    """A connection to Panoply for programs that run on asyncio or trio.

        async with panoply.AsyncSDK(apikey, apisecret) as conn:
            await conn.write("tablename", {"foo": "bar"})

    It takes the arguments of `SDK` and gives its promise: each accepted record is delivered at least once, or handed back.
    The messages are sent from background threads, in which the handlers of events run as well; a task that is to hear of
    them is woken from there with `loop.call_soon_threadsafe`, or trio's `from_thread`.

    No call holds up the event loop for longer than it takes to encode a record. A call that is cancelled while it waits has
    lost nothing: a record whose `write` was cancelled was not accepted (with `spool_sync`, it may have been); what `flush`
    or `close` waited for is still being sent, in the background, and at the latest when the interpreter exits.

    Raises:
        CredentialsError, SpoolError, ValueError, TypeError: as `SDK` does.
    """

    def __init__(
        self,
        apikey: str | bytes,
        apisecret: str | bytes,
        *,
        write_timeout: float | None = WRITE_TIMEOUT,
        **options: Unpack[Options],
    ) -> None:
        self._write_timeout = seconds(write_timeout, "write_timeout")
        self._waits_for_disk = options.get("spool_sync", False)
        self._sdk = SDK(apikey, apisecret, write_timeout=0, **options)
        self._dispatcher = self._sdk._dispatcher  # noqa: SLF001 - it is built on that
        self.apikey = self._sdk.apikey
        self.apisecret = self._sdk.apisecret
        self.qurl = self._sdk.qurl
        self._paused_at = time.monotonic()

    def __repr__(self) -> str:
        return repr(self._sdk).replace("panoply.SDK", "panoply.AsyncSDK", 1)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if exc is None:
            await self.close()
            return
        try:
            if isinstance(exc, Exception):
                await self.close()
            else:  # cancelled, or interrupted: it is to end soon, but not to lose what a few seconds can save
                with shielded():
                    await self.close(timeout=EXIT_TIMEOUT)
        except DeliveryError as lost:
            exc.add_note(f"Besides, when panoply.AsyncSDK was closed: {lost}")

    def on(self, name: str, fn: Handler) -> Self:
        """Have `fn` called, in a background thread, whenever `name` is fired: `send`, `flush`, `error` or `*`.

        Raises:
            TypeError: `fn` cannot be called, or `name` is not text.
        """
        self._sdk.on(name, fn)
        return self

    async def write(self, table: str, data: Mapping[Any, Any]) -> None:
        """Take a record over, to be sent with others within two seconds. It may be changed or reused afterwards.

        While the buffer is full it waits, up to `write_timeout`, and others go on.

        Raises:
            RecordError, RecordTooLarge, BufferFull, SpoolError, Closed: as `SDK.write` does; the record was not accepted.
        """
        # Before the record is accepted, so that a cancellation that comes just now cannot be taken for its refusal.
        if time.monotonic() - self._paused_at > _TURN:
            await pause()
            self._paused_at = time.monotonic()
        if self._waits_for_disk:
            await self._write_to_disk(table, data)
            return
        try:
            self._sdk.write(table, data)
        except BufferFull:
            await self._write_later(table, data)

    async def flush(self, timeout: float | None = TIMEOUT) -> None:  # noqa: ASYNC109 - as SDK has it, with an error of ours
        """Wait until all that was written before is in the queue. What waits to be tried again is tried now.

        Args:
            timeout: seconds to wait at most. None waits until everything has been delivered or handed back.

        Raises:
            DeliveryError: some records were handed back since this was last reported; they are its `records`.
            DeliveryTimeout: the deadline came first. The records stay here and are still being sent.
        """
        limit = seconds(timeout)
        mark = self._dispatcher.hurry()
        await self._until(partial(self._dispatcher.ended, mark), limit)
        self._sdk._report(mark, timeout)  # noqa: SLF001

    async def close(self, timeout: float | None = TIMEOUT) -> None:  # noqa: ASYNC109 - as SDK has it, with an error of ours
        """Send what is left, and end the background threads. To close again does nothing.

        Args:
            timeout: seconds to wait at most. None waits until everything has been delivered or handed back.

        Raises:
            DeliveryError: some records were handed back since this was last reported; they are its `records`.
            DeliveryTimeout: the deadline came first: these `records` were not delivered in time, and are handed back.
                With a spool they stay there instead, and this is only logged.
        """
        limit = seconds(timeout)
        deadline = None if limit is None else time.monotonic() + limit
        mark = self._dispatcher.begin_to_close()
        await self._until(partial(self._dispatcher.finished_or_ended, mark), limit)
        # All in one go: a task that is cancelled in the midst of this would take what is handed back with it.
        self._sdk._conclude(self._dispatcher.finish(limit, deadline, join=False))  # noqa: SLF001

    async def _until(self, wanted: Callable[[], bool], limit: float | None) -> bool:
        """Wait until this is so, or the time is over; tells whether it is."""
        deadline = None if limit is None else time.monotonic() + limit
        woken = signal()
        with self._dispatcher.watched(woken.set):
            while not wanted():
                left = None if deadline is None else deadline - time.monotonic()
                if left is not None and left <= 0:
                    return False
                await woken.wait(left)
                woken.clear()
        return True

    async def _write_later(self, table: str, data: Mapping[Any, Any]) -> None:
        """Write as soon as there is room, or the time is over."""

        def written() -> bool:
            try:
                self._sdk.write(table, data)
            except BufferFull:
                if not self._dispatcher.moving():
                    raise
                return False
            return True

        if not await self._until(written, self._write_timeout):
            self._sdk.write(table, data)

    async def _write_to_disk(self, table: str, data: Mapping[Any, Any]) -> None:
        # Before it waits, lest the program changes it meanwhile.
        line = self._sdk._encoded(table, data)  # noqa: SLF001
        await offload(partial(self._dispatcher.accept, str.__str__(table), line, self._write_timeout))
