"""The fast clock, and the line of those who wait for it: time jumps to the earliest deadline when nobody is at work.

Only the first in line ever sets the clock, and only it looks at what the others do; the rest sleep until they are first.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Final

from panoply_testing import _clock_real as real
from panoply_testing._clock_others import Patience, others_at_work

if TYPE_CHECKING:
    from collections.abc import Callable

    from panoply_testing._clock_waits import Waiting

__all__ = ["Line"]

# How long the first in line really waits before it looks again, in seconds. A thread that begins to wait wakes it at once;
# what it has to look for is the end of the network's work, of a child process, of its patience.
_SHORTEST_LOOK: Final = 0.001
_LONGEST_LOOK: Final = 0.02


class Line:
    """Virtual time of one process.

    Args:
        at_work: whether the network is.
        on_advance: told when the clock was set, by how many seconds and for which wait, while nobody else can set it.

    Attributes:
        offset: how many nanoseconds the clock is ahead of the real one.
        offset_seconds: the same in seconds.
    """

    def __init__(self, at_work: Callable[[], bool], on_advance: Callable[[float, Waiting], None]) -> None:
        self.offset = 0
        self.offset_seconds = 0.0
        self._at_work = at_work
        self._on_advance = on_advance
        # Taken again by a thread that holds it, where a signal has interrupted that one and its handler waits.
        self._lock = threading.RLock()
        self._waiting: dict[int, Waiting] = {}
        self._count = 0

    def now(self) -> int:
        """The time in nanoseconds, as `time.monotonic_ns` has it."""
        return real.perf_counter_ns() + self.offset

    def wait(self, waiting: Waiting) -> bool:
        """Wait until there is what `waiting` waits for, or its deadline has come. Gives whether it is there."""
        patience, look = Patience(), _SHORTEST_LOOK
        self._enter(waiting)
        try:
            while not waiting.ready():
                if waiting.deadline is None:
                    waiting.block(None)
                    continue
                left = (waiting.deadline - self.now()) / 1e9
                if left <= 0:
                    return False
                if not self.is_first(waiting):
                    waiting.block(left)
                    continue
                seen = self._count
                if self._may_advance(waiting, patience):
                    # What the others did before they fell idle may have been for this thread.
                    if not waiting.ready():
                        self._advance_to(waiting, seen)
                else:
                    waiting.block(min(look, left))
                    look = min(2 * look, _LONGEST_LOOK)
            return True
        finally:
            self._leave(waiting)

    def is_first(self, waiting: Waiting) -> bool:
        """Whether its deadline is the earliest."""
        with self._lock:
            return self._first() is waiting

    def wait_of(self, ident: int) -> Waiting | None:
        """What the thread waits for, if it does."""
        return self._waiting.get(ident)

    def forget_the_others(self) -> None:
        """In a process that was forked: only this thread is there, and the lock may have been another's."""
        self._lock = threading.RLock()
        ident = threading.get_ident()
        self._waiting = {key: value for key, value in self._waiting.items() if key == ident}

    def _may_advance(self, waiting: Waiting, patience: Patience) -> bool:
        if not waiting.regardless and self._at_work():
            patience.begin_anew()
            return False
        with self._lock:
            all_waiting = dict(self._waiting)
        if waiting.is_waking():
            return False
        return not others_at_work(waiting, all_waiting, self.now(), patience)

    def _advance_to(self, waiting: Waiting, seen: int) -> None:
        """Set the clock to the deadline, unless somebody has begun or ended a wait since `seen`."""
        with self._lock:
            if self._count != seen or waiting.deadline is None:
                return
            step = waiting.deadline - self.now()
            if step > 0:
                self.offset += step
                self.offset_seconds = self.offset / 1e9
            waiting.advanced = True
            self._on_advance(max(0, step) / 1e9, waiting)

    def _first(self) -> Waiting | None:
        limited = (each for each in self._waiting.values() if each.deadline is not None)
        return min(limited, key=lambda each: (each.deadline, each.number), default=None)

    def _enter(self, waiting: Waiting) -> None:
        with self._lock:
            self._count += 1
            waiting.number = self._count
            waiting.outer = self._waiting.get(waiting.ident)
            self._waiting[waiting.ident] = waiting
            self._nudge_first(waiting)

    def _leave(self, waiting: Waiting) -> None:
        with self._lock:
            self._count += 1
            if waiting.outer is not None:
                self._waiting[waiting.ident] = waiting.outer
            else:
                self._waiting.pop(waiting.ident, None)
            self._nudge_first(waiting)

    def _nudge_first(self, than: Waiting) -> None:
        first = self._first()
        if first is not None and first is not than:
            first.nudge()
