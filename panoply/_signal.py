"""How a thread wakes a task: one small thing that asyncio and trio each have in a way of their own.

Both are only looked at where they run already, so neither has to be installed.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Signal", "offload", "pause", "shielded", "signal"]


class Signal(Protocol):
    """Set by any thread, waited for by the task that made it."""

    def set(self) -> None:
        """Wake the task, or have it not go to sleep. Nothing happens if its event loop is gone."""
        ...

    def clear(self) -> None:
        """Forget that it was set."""
        ...

    async def wait(self, timeout: float | None) -> None:  # noqa: ASYNC109 - it is no error that it is over
        """Sleep until it is set, or for so many seconds."""
        ...


def signal() -> Signal:
    """A signal for the task that calls this.

    Raises:
        RuntimeError: this is no task.
    """
    trio = _trio()
    return _AsyncioSignal() if trio is None else _TrioSignal(trio)


async def offload(work: Callable[[], object]) -> None:
    """Do what has to wait for a disk in a thread, to its end even if the task is cancelled meanwhile."""
    trio = _trio()
    if trio is None:
        await asyncio.shield(asyncio.get_running_loop().run_in_executor(None, work))
    else:
        await trio.to_thread.run_sync(work)


async def pause() -> None:
    """Let other tasks have a turn."""
    trio = _trio()
    await (asyncio.sleep(0) if trio is None else trio.lowlevel.checkpoint())


def shielded() -> contextlib.AbstractContextManager[object]:
    """A block in which the task can still wait, although it was cancelled: in asyncio it can anyway, once."""
    trio = _trio()
    return contextlib.nullcontext() if trio is None else trio.CancelScope(shield=True)


def _trio() -> Any:
    """trio, if it is what runs this task."""
    trio = sys.modules.get("trio")
    if trio is not None:
        with contextlib.suppress(RuntimeError):
            trio.lowlevel.current_trio_token()
            return trio
    return None


class _AsyncioSignal:
    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._event = asyncio.Event()

    def set(self) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed
            self._loop.call_soon_threadsafe(self._event.set)

    def clear(self) -> None:
        self._event.clear()

    async def wait(self, timeout: float | None) -> None:  # noqa: ASYNC109 - it is no error that it is over
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout):
                await self._event.wait()


class _TrioSignal:
    def __init__(self, trio: Any) -> None:
        self._trio = trio
        self._token = trio.lowlevel.current_trio_token()
        self._event = trio.Event()

    def set(self) -> None:
        with contextlib.suppress(self._trio.RunFinishedError):
            self._token.run_sync_soon(self._set, idempotent=True)

    def clear(self) -> None:
        self._event = self._trio.Event()

    async def wait(self, timeout: float | None) -> None:  # noqa: ASYNC109 - it is no error that it is over
        with self._trio.move_on_after(float("inf") if timeout is None else timeout):
            await self._event.wait()

    def _set(self) -> None:
        self._event.set()
