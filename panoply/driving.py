"""Calls a source's methods the way the platform does, whether they are plain functions or `async def`.

When to call, how often again, and what to do with what comes back is decided by those who drive: the runner and the
test kit.
"""

from __future__ import annotations

import inspect
from types import MethodType
from typing import TYPE_CHECKING, Any, Final, Self

from panoply.errors import DataSourceException

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Awaitable, Callable
    from types import TracebackType

__all__ = ["DEFECTS", "Driver", "original", "takes_hint"]

# What no far end brings about, however it fails: these come from a mistake in the source.
DEFECTS: Final = (
    *(ArithmeticError, AssertionError, AttributeError, LookupError, NameError, NotImplementedError),
    *(RecursionError, TypeError, SyntaxError, ImportError),
)

# Seconds that a call which was cut off has to come to its end.
_CANCELLING: Final = 2.0


_POSITIONAL: Final = (
    inspect.Parameter.POSITIONAL_ONLY,
    inspect.Parameter.POSITIONAL_OR_KEYWORD,
    inspect.Parameter.VAR_POSITIONAL,
)


def original(exc: BaseException) -> BaseException:
    """What a source raised, before `wrap_errors` brought it into its shape: that says whether it is one of `DEFECTS`."""
    return exc.__cause__ if isinstance(exc, DataSourceException) and exc.__cause__ is not None else exc


def takes_hint(read: Callable[..., Any]) -> bool:
    """Whether a source's `read` can be called with `n`. That of many sources of SDK 1.x is a `read(self)`.

    Decided from its signature, and that of what is decorated where a decorator passes on whatever it gets: calling it to see
    would tell no wrong call from a mistake in the source. A function without a signature gets the benefit of the doubt.
    """
    try:
        layer = inspect.signature(read, follow_wrapped=False)
    except Exception:  # noqa: BLE001 - ValueError for some built-ins; anything from a foreign `__signature__`
        return True
    # What stands first is asked for n: the `self` of a bound method is not among these.
    first = next(iter(layer.parameters.values()), None)
    if first is None or first.kind not in _POSITIONAL:
        return False
    decorated = getattr(read, "__wrapped__", None)
    if first.kind is first.VAR_POSITIONAL and callable(decorated):
        bound_to = getattr(read, "__self__", None)
        return takes_hint(decorated if bound_to is None else MethodType(decorated, bound_to))
    return True


class Driver:
    """One thread, one event loop: what a source may rely on from its construction to its `close()`.

    The loop is made when a call first gives an awaitable; it is what a call gives that decides whether a source is
    async, not how it was defined (decorators hide that).
    """

    def __init__(self) -> None:
        self._runner: asyncio.Runner | None = None

    def call(self, fn: Callable[..., Any], *args: Any) -> Any:
        """Call `fn`, wait for its result where it is an awaitable, and give that back."""
        result = fn(*args)
        if not inspect.isawaitable(result):
            return result
        if self._runner is None:
            import asyncio  # noqa: PLC0415 - most sources are not async, and it is slow to import

            self._runner = asyncio.Runner()
        task: list[asyncio.Task[Any]] = []
        try:
            return self._runner.run(_settle(result, task))
        except BaseException:
            self._give_up(task)
            raise

    def _give_up(self, task: list[asyncio.Task[Any]]) -> None:
        """Cancel what a signal has cut off, so that it does not go on beside the next call."""
        if self._runner is None or not task or task[0].done():
            return
        import asyncio  # noqa: PLC0415 - as above

        task[0].cancel()
        self._runner.run(asyncio.wait(task, timeout=_CANCELLING))

    @property
    def loop(self) -> asyncio.AbstractEventLoop | None:
        """The loop that the calls have run on; None as long as none was needed."""
        return None if self._runner is None else self._runner.get_loop()

    def close(self) -> None:
        """Cancel what still runs on the loop and close it. May be called again."""
        runner, self._runner = self._runner, None
        if runner is not None:
            runner.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


async def _settle(awaitable: Awaitable[Any], task: list[asyncio.Task[Any]]) -> Any:
    import asyncio  # noqa: PLC0415 - as above

    task += filter(None, (asyncio.current_task(),))
    return await awaitable
