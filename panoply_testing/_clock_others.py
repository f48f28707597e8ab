"""Judges whether anything in this process but those who wait is at work: then time must not be set forward.

What is known for certain: the network's word, waits of the fast clock, threads that wait for a lock. Whatever else a thread
does, in C code above all, is only known by the processor time that it takes.
"""

from __future__ import annotations

import os
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from panoply_testing import _clock_real as real
from panoply_testing._clock_waits import is_for_a_child

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import FrameType

    from panoply_testing._clock_waits import Waiting

__all__ = ["FAR_END_SECONDS", "GRACE", "Patience", "others_at_work"]

# How long, in real seconds, something may do nothing visible before it is no longer waited for. Nothing that is written to work
# stays off the processor for that long, but for the disk and what it asks of others: of the network the sensor knows.
GRACE: Final = 0.5

# What share of the time something has to be on the processor to be at work. A thread that looks at its socket ten times a
# second takes a thousandth.
LEAST_SHARE: Final = 0.05

# How long, in real seconds, the answer of a far end may take over a connection that the network's sensor does not see. It cannot
# tell whether something was asked at all, so that whoever keeps an idle one in his event loop waits for this, each time.
FAR_END_SECONDS: Final = 10.0

# The number of Linux's system call by which threads wait for locks.
_FUTEX: Final = {"x86_64": "202", "aarch64": "98"}.get(os.uname().machine)

# Its operation FUTEX_WAIT_BITSET, which a semaphore takes, the lock of Python; and the flags beside it, for whose it is and by
# what clock. Inside the interpreter's own lock there are plain FUTEX_WAITs.
_FUTEX_WAIT_BITSET: Final = 9
_FUTEX_FLAGS: Final = 0x180

# For how long, in real seconds, a thread has to wait for a lock to count as waiting. One that has just been woken is not seen to
# be awake until its processor has got the news, which takes microseconds.
_SETTLED: Final = 0.001

# What stands for others than threads that run: no thread has such an ident.
_CHILDREN: Final = -1
_STARTING: Final = -2


@dataclass(slots=True)
class Patience:
    """How long one wait has held back for those who may be at work."""

    _since: float = 0.0
    _spent: dict[int, int] = field(default_factory=dict)
    _locked_since: float = 0.0
    _locked: dict[int, int] = field(default_factory=dict)
    _far_end_since: float = 0.0

    def is_left_for_a_far_end(self) -> bool:
        """Whether it has not been held back for one for as long as an answer may take."""
        self._far_end_since = self._far_end_since or real.perf_counter()
        return real.perf_counter() - self._far_end_since < FAR_END_SECONDS

    def begin_anew(self) -> None:
        """Something is certainly at work."""
        self._spent = {}

    def is_settled(self, locked: dict[int, int]) -> bool:
        """Whether those that wait for locks did so a moment ago as well, and have done nothing since.

        Args:
            locked: how much processor time they have taken so far, in nanoseconds.
        """
        if not locked:
            return True
        if locked != self._locked:
            self._locked, self._locked_since = locked, real.perf_counter()
            return False
        return real.perf_counter() - self._locked_since >= _SETTLED

    def is_over(self, doubtful: Mapping[int, Callable[[], int]]) -> bool:
        """Whether none of them has done anything for as long as that may take.

        Args:
            doubtful: whom it depends on, and how much processor time they have taken so far, in nanoseconds.
        """
        if not doubtful:
            return True
        passed = real.perf_counter() - self._since
        if not (self._spent and doubtful.keys() <= self._spent.keys()):
            self._begin(doubtful)
        elif passed >= GRACE:
            if all(spent() - self._spent[key] < passed * 1e9 * LEAST_SHARE for key, spent in doubtful.items()):
                return True
            self._begin(doubtful)
        return False

    def _begin(self, doubtful: Mapping[int, Callable[[], int]]) -> None:
        self._since = real.perf_counter()
        self._spent = {key: spent() for key, spent in doubtful.items()}


def others_at_work(me: Waiting, waiting: Mapping[int, Waiting], now: int, patience: Patience) -> bool:
    """Whether somebody is at work, other than the thread whose wait `me` is.

    Args:
        me: the wait of this thread.
        waiting: the waits of all threads, by their idents.
        now: by the fast clock.
        patience: that of this wait.
    """
    has_children = _has_children()
    if _wait_for_others(waiting, patience, has_children=has_children):
        patience.begin_anew()
        return True
    doubtful: dict[int, Callable[[], int]] = {}
    locked: dict[int, int] = {}
    if has_children:
        doubtful[_CHILDREN] = _spent_by_children
    frames = sys._current_frames()  # noqa: SLF001 - the documented way to see all threads
    # Or this frame would hold itself.
    del frames[me.ident]
    natives = {each.ident: each.native_id for each in threading.enumerate()} if frames else {}
    if None in natives:
        # A thread is being started: it does not run yet, and has no frame.
        doubtful[_STARTING] = real.process_time_ns
    for ident, frame in frames.items():
        wait, native = waiting.get(ident), natives.get(ident)
        if wait is not None:
            if wait.is_waking() or (wait.deadline is not None and wait.deadline <= now):
                doubtful[ident] = _spent_by(native)
        elif has_children and is_for_a_child(frame):
            patience.begin_anew()
            return True
        elif not _waits_for_a_lock(native):
            doubtful[ident] = _spent_by(native)
        elif not _is_an_idle_worker(frame):
            locked[ident] = _spent_by(native)()
    return not patience.is_over(doubtful) or not patience.is_settled(locked)


def _wait_for_others(waiting: Mapping[int, Waiting], patience: Patience, *, has_children: bool) -> bool:
    """Whether one of them is for what somebody outside of this process does."""
    if has_children and any(each.is_for_a_child() for each in waiting.values()):
        return True
    return any(each.is_for_a_far_end() for each in waiting.values()) and patience.is_left_for_a_far_end()


def _waits_for_a_lock(native: int | None) -> bool:
    """Whether a thread can only be woken by another one, as far as the system tells."""
    words = _read(native, "syscall")
    # Whoever waits for his turn with the interpreter has a time limit: the fourth argument. Those that are awake are `running`.
    return (
        len(words) > 4
        and words[0] == _FUTEX
        and words[4] == "0x0"
        and int(words[2], 16) & ~_FUTEX_FLAGS == _FUTEX_WAIT_BITSET
    )


def _is_an_idle_worker(frame: FrameType) -> bool:
    """Whether a thread that waits for a lock is one of a pool's, and there is no work for it."""
    if not (frame.f_code.co_name == "_worker" and frame.f_globals.get("__name__") == "concurrent.futures.thread"):
        return False
    queue: Any = frame.f_locals.get("work_queue")
    return queue is not None and bool(queue.empty())


def _spent_by(native: int | None) -> Callable[[], int]:
    """The processor time of a thread; where that is not known, of the process."""

    def spent() -> int:
        words = _read(native, "schedstat")
        return int(words[0]) if words else real.process_time_ns()

    return spent


def _read(native: int | None, name: str) -> list[str]:
    """What Linux tells of a thread."""
    if native is None:
        return []
    try:
        return Path(f"/proc/self/task/{native}/{name}").read_text(encoding="ascii").split()
    except OSError:  # another system, or a thread that has just ended
        return []


def _has_children() -> bool:
    """Whether a child process is running."""
    if not hasattr(os, "waitid"):  # macOS before Python 3.13
        return False
    try:
        if os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
            return True
    except ChildProcessError:
        return False
    # One has ended and has not been collected; that says nothing about others.
    import psutil  # noqa: PLC0415 - only now

    return any(_runs(child) for child in psutil.Process().children())


def _runs(child: Any) -> bool:
    import psutil  # noqa: PLC0415 - as above

    try:
        return bool(child.status() != psutil.STATUS_ZOMBIE)
    except psutil.Error:
        return False


def _spent_by_children() -> int:
    import psutil  # noqa: PLC0415 - as above

    spent = 0.0
    for child in psutil.Process().children(recursive=True):
        try:
            times = child.cpu_times()
        except psutil.Error:
            continue
        spent += times.user + times.system
    return int(spent * 1e9)
