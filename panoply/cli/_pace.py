"""How far a run is, how fast, and how long it will take: what a bar shows and a log line says, as values.

rich's tasks do the arithmetic, over the last half minute.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from rich.progress import Progress

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Pace", "Reading", "duration", "rate"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What can be said at one moment.

    Attributes:
        records: so many so far.
        loaded: what the source said last; None while it does not know, or said something else than numbers.
        total: of so many.
        share: loaded of total, from 0 to 1.
        rate: records a second.
        left: seconds that it will still take.
        elapsed: seconds since the beginning.
        message: the source's, as it is.
    """

    records: int
    loaded: int | None
    total: int | None
    share: float | None
    rate: float | None
    left: float | None
    elapsed: float
    message: str

    @property
    def percent(self) -> int | None:
        """The share in percent; 100 only when it is all."""
        return None if self.loaded is None or not self.total else 100 * self.loaded // self.total


class Pace:
    """Takes in what an observer is told, and gives a `Reading` at any time.

    Args:
        clock: how to tell the time.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        # Nothing is drawn by it. The share is a task of its own, whose total is always 1: a source may find out as it goes
        # that there is more, and a new total would make rich forget how fast it was.
        self._tasks = Progress(disable=True, get_time=clock)
        self._records = self._tasks.add_task("records", total=None)
        self._share = self._tasks.add_task("share", total=1.0)
        self._numbers: tuple[int, int] | None = None
        self._count = 0
        self._message = ""

    def batch(self, records: int) -> None:
        """So many records by now."""
        self._count = records
        self._tasks.update(self._records, completed=records)

    def progress(self, loaded: object, total: object, message: str) -> None:
        """What the source said."""
        self._message = message
        self._numbers = _numbers(loaded, total)
        if self._numbers is not None:
            self._tasks.update(self._share, completed=self._numbers[0] / self._numbers[1])

    def say(self, message: str) -> None:
        """Another message, at the same place."""
        self._message = message

    def now(self) -> Reading:
        """Where it stands."""
        tasks = {task.id: task for task in self._tasks.tasks}
        loaded, total = self._numbers or (None, None)
        share = tasks[self._share]
        return Reading(
            records=self._count,
            loaded=loaded,
            total=total,
            share=None if loaded is None or not total else loaded / total,
            rate=tasks[self._records].speed,
            left=share.time_remaining if self._numbers and self._numbers[0] < self._numbers[1] else None,
            elapsed=tasks[self._records].elapsed or 0.0,
            message=self._message,
        )


def _numbers(loaded: Any, total: Any) -> tuple[int, int] | None:
    """The two, if they are what the contract wants, and tell something."""
    if type(loaded) is not int or type(total) is not int:
        return None
    return (loaded, total) if 0 <= loaded <= total and total > 0 else None


def duration(seconds: float) -> str:
    """`1:23`, `2:01:23`, `1 day, 2:01:23`."""
    text = str(timedelta(seconds=int(seconds)))
    if seconds >= 3600:
        return text
    # `0:01:23`: below the hour, and below ten minutes, zeros lead.
    return text[3:] if text[2] == "0" else text[2:]


def rate(records: float) -> str:
    """`1,234/s`; a slow one with a digit after the point."""
    return f"{records:,.0f}/s" if records >= 10 else f"{records:.1f}/s"
