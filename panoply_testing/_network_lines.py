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
        if line or "asyncio" not in sys.modules:
            return line or otherwise
        return self._where_tasks_wait() or otherwise

    def _where_tasks_wait(self) -> str:
        import asyncio  # noqa: PLC0415 - it is there already

        try:
            tasks = asyncio.all_tasks()
        except RuntimeError:  # no loop is running in this thread
            return ""
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
