"""Which of the source's own lines an operation on the network comes from, also where an event loop stands between them."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

__all__ = ["Lines"]

# With more tasks than these, who waits for whom cannot be guessed, and looking would take long.
MOST_TASKS: Final = 50


class Lines:
    """Finds the source's line.

    Args:
        own_line: gives the source's own line at or above a frame; "" if there is none.
    """

    def __init__(self, own_line: Callable[[FrameType | None], str]) -> None:
        self._own_line = own_line

    def at(self, frame: FrameType | None, otherwise: str = "") -> str:
        """The line that leads to `frame`; if it is an event loop's, the one line where the source waits for it.

        Args:
            frame: where the operation begins.
            otherwise: the line to be taken if there is none, or more than one that it could be.
        """
        line = self._own_line(frame)
        asyncio: Any = sys.modules.get("asyncio")
        if asyncio is None or asyncio._get_running_loop() is None:  # noqa: SLF001 - what get_running_loop asks
            return line or otherwise
        # A line that is outside the loop says no more than that the source runs one.
        loop = _frame_of_loop(frame)
        if line and (loop is None or line != self._own_line(loop)):
            return line
        return self._where_tasks_wait() or otherwise or line

    def _where_tasks_wait(self) -> str:
        import asyncio  # noqa: PLC0415 - it is there already

        # Where the running one is, has been looked at: the caller's frame is a part of it.
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        if len(tasks) > MOST_TASKS:
            return ""
        lines = {line for task in tasks if (line := self._where_waits(task.get_coro()))}
        return lines.pop() if len(lines) == 1 else ""

    def _where_waits(self, coroutine: Any) -> str:
        for frame in reversed(list(_frames(coroutine))):
            line = self._own_line(frame)
            if line:
                return line
        return ""


def _frame_of_loop(frame: FrameType | None) -> FrameType | None:
    while frame is not None:
        if frame.f_code.co_name == "run_forever" and "asyncio" in frame.f_code.co_filename:
            return frame
        frame = frame.f_back
    return None


def _frames(waiting: Any) -> Iterator[FrameType]:
    """The frames of a coroutine and of all that it waits for, outermost first."""
    while waiting is not None:
        for kind in ("cr", "gi", "ag"):
            frame = getattr(waiting, f"{kind}_frame", None)
            if frame is not None:
                yield frame
                waiting = getattr(waiting, "gi_yieldfrom" if kind == "gi" else f"{kind}_await", None)
                break
        else:
            return
