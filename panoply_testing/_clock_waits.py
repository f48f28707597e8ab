"""The ways in which a thread waits, and how it really does so while time must not be set forward.

Each is a `Waiting`: made by the thread that waits, looked at by the others. When it ends is decided by `_clock_line`.
"""

from __future__ import annotations

import abc
import contextlib
import os
import select
import stat
import sys
import threading
from typing import TYPE_CHECKING, Any, Final

from panoply_testing import _clock_real as real

if TYPE_CHECKING:
    from collections.abc import Callable
    from selectors import BaseSelector
    from types import FrameType

__all__ = ["Joining", "Nap", "Notified", "Selecting", "Waiting", "is_for_a_child"]

# A lock takes no longer time limit than some 292 years, on some systems 49 days; an hour is as good, as it is asked again.
_LONGEST_BLOCK: Final = 3600.0

# A thread that waits for a file descriptor cannot be woken by another one, so it looks up this often.
_LONGEST_SELECT: Final = 0.005

# How many calls lie between what a program calls to wait for a process and what then really waits.
_DEEPEST: Final = 5


class Waiting(abc.ABC):
    """One wait of one thread.

    Attributes:
        ident: the thread's.
        deadline: when it ends by itself, in nanoseconds of the fast clock; None: never.
        regardless: whether time goes on also while the network is at work.
        advanced: whether time was set forward for it.
        outer: the wait which it interrupts: that of a thread whose signal handler waits.
        number: the how manieth wait it is.
    """

    __slots__ = ("advanced", "deadline", "ident", "number", "outer", "regardless")

    def __init__(self, deadline: int | None, *, regardless: bool = False) -> None:
        self.ident = threading.get_ident()
        self.deadline = deadline
        self.regardless = regardless
        self.advanced = False
        self.outer: Waiting | None = None
        self.number = 0

    def ready(self) -> bool:
        """Whether there is what its thread waits for. Asked by that thread."""
        return False

    def is_waking(self) -> bool:
        """Whether its thread is about to go on. Asked by the others."""
        return self.ready()

    @abc.abstractmethod
    def block(self, seconds: float | None) -> None:
        """Really wait, for that long at most; None: for what it takes."""

    def nudge(self) -> None:  # noqa: B027 - some cannot be nudged, and look up from time to time instead
        """Have `block` return."""

    def is_for_a_child(self) -> bool:
        """Whether what it waits for may come from a child process."""
        return False

    def is_for_a_far_end(self) -> bool:
        """Whether what it waits for may come over a connection that the network's sensor does not see."""
        return False


class Nap(Waiting):
    """Waits for nothing but the time."""

    __slots__ = ("_lock",)

    def __init__(self, deadline: int | None, *, regardless: bool = False) -> None:
        super().__init__(deadline, regardless=regardless)
        self._lock = threading.Lock()
        self._lock.acquire()

    def block(self, seconds: float | None) -> None:
        """Until it is nudged."""
        self._lock.acquire(timeout=-1 if seconds is None else min(seconds, _LONGEST_BLOCK))

    def nudge(self) -> None:
        """As `Waiting`; one nudge is as good as two."""
        # Somebody else may do the same at the same time.
        with contextlib.suppress(RuntimeError):
            self._lock.release()


class Notified(Nap):
    """Stands in for the lock that `threading.Condition` makes for each wait: taken at first, released by `notify`.

    Args:
        wait: waits for it, for that many seconds; None: for what it takes.
    """

    __slots__ = ("_notified", "_taken", "_wait")

    def __init__(self, wait: Callable[[Notified, float | None], bool]) -> None:
        super().__init__(None)
        self._wait = wait
        self._taken = self._notified = False

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:  # noqa: FBT001, FBT002 - as a lock has it
        """As a lock's."""
        if not self._taken:
            self._taken = True
            return True
        if self._notified or not blocking:
            return self._notified
        return self._wait(self, None if timeout < 0 else timeout)

    def release(self) -> None:
        """As a lock's: wakes the thread."""
        self._notified = True
        self.nudge()

    def ready(self) -> bool:
        """As `Waiting`."""
        return self._notified


class Joining(Waiting):
    """Waits for the end of a thread."""

    __slots__ = ("_thread",)

    def __init__(self, deadline: int | None, thread: threading.Thread) -> None:
        super().__init__(deadline)
        self._thread = thread

    def ready(self) -> bool:
        """As `Waiting`."""
        return not self._thread.is_alive()

    def is_waking(self) -> bool:
        """Also where the thread has run all its Python code, and only has to be taken down."""
        return self._thread.ident not in sys._current_frames()  # noqa: SLF001 - the documented way to see all threads

    def block(self, seconds: float | None) -> None:
        """Until the thread ends."""
        real.join(self._thread, seconds if seconds is None else min(seconds, _LONGEST_SELECT))


class Selecting(Waiting):
    """Waits for file descriptors, as event loops do.

    Args:
        deadline: as `Waiting`.
        selector: knows the descriptors. `select_`: asks it.
        is_unseen: whether a descriptor is a connection that the network's sensor does not see.
    """

    __slots__ = ("_for_a_far_end", "_is_unseen", "_select", "_selector", "events")

    def __init__(
        self,
        deadline: int | None,
        selector: BaseSelector,
        select_: Callable[..., list[Any]],
        is_unseen: Callable[[int], bool] = lambda _: False,
    ) -> None:
        super().__init__(deadline)
        self._selector = selector
        self._select = select_
        self._is_unseen = is_unseen
        self._for_a_far_end: bool | None = None
        self.events: list[Any] = []

    def ready(self) -> bool:
        """As `Waiting`."""
        if not self.events:
            self.events = self._select(self._selector, 0)
        return bool(self.events)

    def is_waking(self) -> bool:
        """Looked up anew: a selector belongs to one thread."""
        poll, wanted = select.poll(), {}
        for key in self._keys():
            # EVENT_READ and EVENT_WRITE are 1 and 2.
            wanted[key.fd] = (select.POLLIN if key.events & 1 else 0) | (select.POLLOUT if key.events & 2 else 0)
            poll.register(key.fd, wanted[key.fd])
        return any(not event & select.POLLNVAL for _, event in poll.poll(0))

    def block(self, seconds: float | None) -> None:
        """Until there is something to read or to write."""
        self.events = self._select(self._selector, None if seconds is None else min(seconds, _LONGEST_SELECT))

    def is_for_a_child(self) -> bool:
        """Whether one of the descriptors leads to one."""
        return any(_leads_to_a_child(key.fd) for key in self._keys())

    def is_for_a_far_end(self) -> bool:
        """Whether one of the descriptors is a native driver's: libpq has its caller wait (psycopg 3)."""
        if self._for_a_far_end is None:
            self._for_a_far_end = any(self._is_unseen(key.fd) for key in self._keys())
        return self._for_a_far_end

    def _keys(self) -> list[Any]:
        return list((self._selector.get_map() or {}).values())


def is_for_a_child(frame: FrameType | None) -> bool:
    """Whether Python's own modules wait here for a child process."""
    for _ in range(_DEEPEST):
        if frame is None:
            return False
        module = frame.f_globals.get("__name__", "")
        if module == "subprocess" or module.startswith("multiprocessing.popen"):
            return True
        if frame.f_code.co_name == "_do_waitpid" and module.startswith("asyncio."):
            return True
        frame = frame.f_back
    return False


def _leads_to_a_child(descriptor: int) -> bool:
    """A pipe, or what Linux has for waiting for one process."""
    try:
        if stat.S_ISFIFO(os.fstat(descriptor).st_mode):
            return True
        return "pidfd" in os.readlink(f"/proc/self/fd/{descriptor}")  # noqa: PTH115 - no path of anybody's
    except OSError:
        return False
