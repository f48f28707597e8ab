"""Reports progress while a step takes long that cannot report any itself, such as a query: `background_progress`."""

from __future__ import annotations

import contextvars
import inspect
import logging
import math
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from functools import partial, wraps
from typing import Any, Final, TypeVar, cast

from panoply.errors import BackgroundTimeout, IncorrectParamError

__all__ = ["background_progress"]

F = TypeVar("F", bound=Callable[..., Any])

# Seconds between two reports: ten minutes, as SDK 3.x had it.
WAITING_INTERVAL: Final = 600.0

_log = logging.getLogger("panoply.progress")


def background_progress(
    message: str, waiting_interval: float = WAITING_INTERVAL, timeout: float | None = None
) -> Callable[[F], F]:
    """Have a method's source say `progress(None, None, message)` when it is called, and at intervals until it returns.

    What the method gives or raises comes out as it is. An `async` one is watched on its own loop.

    Without a `timeout`, a method that is not async stays in the thread that called it, and a thread beside it reports:
    database cursors, and whatever else belongs to one thread, go on working, and Ctrl-C ends the method rather than the
    wait for it. That thread is gone when the method has come back.

    A `timeout` can only be kept from outside. There the method runs in a thread of its own, and the caller's reports: what
    belongs to one thread, as connections of sqlite3 do, has to be made in the method. When the time is up, an async method is
    cancelled. Another thread cannot be stopped: it goes on, as a daemon that does not hold up the end of the process. Close
    the connection that it waits on, and do not read on with the source before that.

    Args:
        message: what is reported.
        waiting_interval: seconds from one report to the next.
        timeout: seconds after which the method is given up.

    Raises:
        BackgroundTimeout: the `timeout` has passed. Not retryable if the method may go on meanwhile.
        IncorrectParamError: an interval or timeout that is no number above 0.
    """
    _check_seconds("waiting_interval", waiting_interval)
    if timeout is not None:
        _check_seconds("timeout", timeout)

    def report(source: Any) -> None:
        source.progress(None, None, message)

    def decorate(func: F) -> F:
        @wraps(func)
        def wrapper(self: Any, *args: Any, **kwargs: Any) -> Any:
            self.log(message)
            report(self)
            call = partial(func, self, *args, **kwargs)
            if timeout is None:
                with _reported_beside(partial(report, self), waiting_interval):
                    result = call()
            else:
                result = _called_beside(call, func.__qualname__, partial(report, self), waiting_interval, timeout)
            # A decorator below may hide that the method is async.
            return awaited(self, result) if inspect.iscoroutine(result) else result

        @wraps(func)
        async def async_wrapper(self: Any, *args: Any, **kwargs: Any) -> Any:
            self.log(message)
            report(self)
            return await awaited(self, func(self, *args, **kwargs))

        async def awaited(self: Any, coroutine: Any) -> Any:
            import asyncio  # noqa: PLC0415 - most sources are not async, and it is slow to import

            reporter = asyncio.create_task(_report_on(partial(report, self), waiting_interval))
            try:
                async with asyncio.timeout(timeout) as deadline:
                    return await coroutine
            except TimeoutError:
                if not deadline.expired():
                    raise  # the method's own
            finally:
                reporter.cancel()
                with suppress(asyncio.CancelledError):
                    await reporter
            raise BackgroundTimeout(f"{func.__qualname__} took longer than {timeout:g} seconds, and was cancelled.")

        return cast("F", async_wrapper if inspect.iscoroutinefunction(func) else wrapper)

    return decorate


def _check_seconds(name: str, seconds: float) -> None:
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or math.isnan(seconds) or seconds <= 0:
        raise IncorrectParamError(f"background_progress: {name} is {seconds!r}; expected a number of seconds above 0.")


@contextmanager
def _reported_beside(report: Callable[[], None], interval: float) -> Iterator[None]:
    """Report from another thread while the block runs, and not after."""
    over = threading.Event()

    def until_over() -> None:
        while not over.wait(min(interval, threading.TIMEOUT_MAX)):
            _report_safely(report)

    # It sees the context variables of its caller, as if it were the caller who reports.
    context = contextvars.copy_context()
    reporter = threading.Thread(target=context.run, args=(until_over,), name="panoply-progress", daemon=True)
    reporter.start()
    try:
        yield
    finally:
        over.set()
        reporter.join()


def _called_beside(
    call: Callable[[], Any], name: str, report: Callable[[], None], interval: float, timeout: float
) -> Any:
    """Call in another thread, and report from this one, until it comes back or the time is up."""
    outcome: Future[Any] = Future()
    finished = threading.Event()

    def run() -> None:
        try:
            outcome.set_result(call())
        except BaseException as exc:  # noqa: BLE001 - it is raised where the caller waits
            outcome.set_exception(exc)
        finished.set()

    # It sees the context variables of its caller.
    context = contextvars.copy_context()
    threading.Thread(target=context.run, args=(run,), name="panoply-background", daemon=True).start()
    deadline = time.monotonic() + timeout
    while not finished.wait(min(interval, deadline - time.monotonic(), threading.TIMEOUT_MAX)):
        if time.monotonic() >= deadline:
            raise BackgroundTimeout(
                f"{name} took longer than {timeout:g} seconds. It goes on in a thread of its own: close the connection "
                "that it waits on.",
                retryable=False,
            )
        _report_safely(report)
    return outcome.result()


async def _report_on(report: Callable[[], None], interval: float) -> None:
    import asyncio  # noqa: PLC0415

    while True:
        await asyncio.sleep(interval)
        _report_safely(report)


def _report_safely(report: Callable[[], None]) -> None:
    """Progress is for those who wait: that it cannot be reported is no reason to lose what they wait for."""
    try:
        report()
    except Exception as exc:  # noqa: BLE001 - the source may override progress()
        _log.error("Reporting progress raised %s.", type(exc).__name__)
