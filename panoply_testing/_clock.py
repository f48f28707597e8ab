"""Lets time run fast in the process of an observed source: what would be waited for is skipped, and counted.

`time.sleep`, `asyncio`, and what `threading`, `queue` and `concurrent.futures` wait for with a time limit take no time when
nothing is at work that could end them earlier; all clocks then show the later time. While something is at work, be it the
network, a thread or a child process, time passes as ever.

Not reached: time limits inside C code (`Lock.acquire(timeout=)`, `queue.SimpleQueue.get(timeout=)`, `select.select`, sockets,
signals, `time.clock_gettime` of an even clock) and event loops that are C code. There time is real.
"""

from __future__ import annotations

import inspect
import operator
import os
import selectors
import sys
import threading
import time
from functools import wraps
from types import FunctionType
from typing import TYPE_CHECKING, Any, Final

from panoply_testing import _clock_real as real
from panoply_testing._clock_line import Line
from panoply_testing._clock_references import REPLACED, look_again, places
from panoply_testing._clock_waits import Joining, Nap, Notified, Selecting
from panoply_testing._clock_wall import Wall

if TYPE_CHECKING:
    from collections.abc import Callable

    from panoply_testing._clock_waits import Waiting

__all__ = ["MOST_SECONDS", "MOST_WAITS", "Clock", "prepare"]

# How often one call into a source may wait. Polls of a second for as long as the slowest exports take, two hours, are 7,200.
MOST_WAITS: Final = 10_000

# How long one call may wait in all: 7 days. The longest that a far end is known to ask for is until its daily quota is renewed.
MOST_SECONDS: Final = 7 * 24 * 3600.0

# How long one single wait may be. An hour is what a far end's hourly quota asks for at most; whoever wants to sleep longer
# than that, in one go, has hung up on whoever waits for the data.
MOST_AT_ONCE: Final = 3600.0

# How often one call may try again what has failed, once it has been at it for an hour: whoever asks every minute whether a
# daily quota was renewed has done so 1,440 times by then.
MOST_FAILURES: Final = 2_000
_LONG: Final = 3600.0

# Seconds that an event loop is given which waits for nothing that will ever come; they pass as fast as any.
_HOPELESS: Final = 3600.0

_UNITS: Final = ((24 * 3600.0, "days"), (3600.0, "hours"), (60.0, "minutes"), (0.0, "seconds"))


def prepare() -> None:
    """Find out, in the process that is about to fork, what each fork would otherwise find out for itself."""
    import time_machine  # noqa: F401, PLC0415 - imported here so that the forks have it

    look_again()


class Clock:
    """The clocks of this process, from `start()` to its end.

    Args:
        at_work: whether a network operation is under way or an answer outstanding. Time is real then. Asked often, by any
            thread that waits.
        endless: told, by the thread that waits, when a call into the source waits too often or too long; once a call. If it
            returns, the wait does too.
        failures: how many operations on the network have failed up to now.
        forsaken: why an event loop without any timer waits for nothing that will ever come; "" where it may come.
        is_unseen: whether a descriptor is a connection of which `at_work` does not know.
    """

    def __init__(
        self,
        *,
        at_work: Callable[[], bool] = lambda: False,
        endless: Callable[[str], None] = lambda _: None,
        failures: Callable[[], int] = lambda: 0,
        forsaken: Callable[[], str] = lambda: "",
        is_unseen: Callable[[int], bool] = lambda _: False,
    ) -> None:
        self._endless = endless
        self._failures = failures
        self._is_unseen = is_unseen
        self._forsaken = forsaken
        self._line = Line(at_work, self._advanced)
        self._replaced: dict[str, Callable[..., Any]] = {}
        self._wall = Wall(self._replaced)
        self._driving = threading.get_ident()
        self._waited = 0.0
        self._waits = 0
        self._longest = 0.0
        self._failed = 0
        self._told = False

    @property
    def waited(self) -> float:
        """By how many seconds time was set forward during this call, whoever waited for it."""
        return self._waited

    @property
    def waits(self) -> int:
        """How many waits of this call ended by setting time forward.

        Without those that others do while the thread that drives the source is itself in a wait with a time limit: these
        end with it.
        """
        return self._waits

    def start(self) -> None:
        """Replace the clocks and the waits, for the rest of this process."""
        self._replaced.update((name, _Function(name, function)) for name, function in self._functions().items())
        for name, put in list(places()):
            put(self._replaced[name])
        for name, function in self._replaced.items():
            setattr(time, name, function)
        self._replace_condition_wait()
        self._replace_join()
        for kind in vars(selectors).values():
            if inspect.isclass(kind) and issubclass(kind, selectors.BaseSelector) and not inspect.isabstract(kind):
                self._replace_select(kind)
        os.register_at_fork(after_in_child=self._after_fork)

    def begin(self) -> None:
        """A call into the source begins, in this thread: count from zero."""
        self._driving = threading.get_ident()
        self._waited, self._waits, self._longest, self._told = 0.0, 0, 0.0, False
        self._failed = self._failures()

    def advance(self, seconds: float) -> None:
        """Let that much time pass, as `time.sleep` does, but whatever `at_work` says.

        For a far end that is silent until somebody's time limit: that operation must not count as being under way.
        """
        if seconds > 0:
            self._wait(Nap(self._deadline(seconds), regardless=True))

    def monotonic(self) -> float:
        """The real one, for what the kit itself measures."""
        return real.perf_counter()

    # ------------------------------------------------------------------ waiting

    def _deadline(self, seconds: float) -> int:
        return self._line.now() + int(seconds * 1e9)

    def _wait(self, waiting: Waiting) -> bool:
        ready = self._line.wait(waiting)
        if waiting.advanced and not self._told and self._longest >= MOST_AT_ONCE:
            self._told = True
            self._endless(f"it wanted to wait for {_in_words(self._longest)} at once")
        if waiting.advanced and not self._told and (self._waits >= MOST_WAITS or self._waited >= MOST_SECONDS):
            self._told = True
            self._endless(f"it waited {self._waits:,} times, {_in_words(self._waited)} in all")
        if waiting.advanced and not self._told and self._waited >= _LONG:
            failed = self._failures() - self._failed
            if failed >= MOST_FAILURES:
                self._told = True
                self._endless(f"it failed {failed:,} times within {_in_words(self._waited)}, and tried again")
        return ready

    def _advanced(self, seconds: float, waiting: Waiting) -> None:
        self._wall.shift(seconds)
        self._waited += seconds
        if waiting.ident == self._driving:
            self._longest = max(self._longest, seconds)
        driving = None if waiting.ident == self._driving else self._line.wait_of(self._driving)
        if driving is None or driving.deadline is None:
            self._waits += 1

    def _after_fork(self) -> None:
        self._line.forget_the_others()
        # Whoever is told of it is told by the process that drives the source.
        self._endless = lambda _: None

    # ------------------------------------------------------------------ what is replaced

    def _functions(self) -> dict[str, Callable[..., Any]]:
        line = self._line

        def sleep(seconds: float, /) -> None:
            length = _length(seconds)
            if not length or sys._getframe(1).f_globals.get("__name__") == "subprocess":  # noqa: SLF001 - who called
                # The next thread's turn; a mistake; or the wait for a child process, which takes its time.
                real.sleep(seconds)
            else:
                self._wait(Nap(self._deadline(length)))

        def monotonic() -> float:
            return real.perf_counter() + line.offset_seconds

        def monotonic_ns() -> int:
            return real.perf_counter_ns() + line.offset

        def perf_counter() -> float:
            return real.perf_counter() + line.offset_seconds

        def perf_counter_ns() -> int:
            return real.perf_counter_ns() + line.offset

        def ctime(seconds: float | None = None, /) -> str:
            return real.ctime(time.time() if seconds is None else seconds)

        def asctime(*given: Any) -> str:
            return real.asctime(*(given or (time.localtime(),)))

        defined = locals()
        return {name: defined[name] for name in REPLACED}

    def _replace_condition_wait(self) -> None:
        """Of a condition: thereby of events, semaphores, barriers, queues, timers and futures."""

        def wait_for(notified: Notified, timeout: float | None) -> bool:
            if timeout is not None:
                if timeout > threading.TIMEOUT_MAX:
                    raise OverflowError("timeout value is too large")
                notified.deadline = self._deadline(timeout)
            return self._wait(notified)

        # The same code, but for what it calls a lock.
        wait: Any = threading.Condition.wait
        known = vars(threading) | {"_allocate_lock": lambda: Notified(wait_for)}
        instead = FunctionType(wait.__code__, known, wait.__name__, wait.__defaults__, wait.__closure__)
        threading.Condition.wait = wraps(wait)(instead)  # type: ignore[method-assign]

    def _replace_join(self) -> None:
        @wraps(real.join)
        def join(thread: threading.Thread, timeout: float | None = None) -> None:
            real.join(thread, 0)  # which says so where the thread cannot be joined
            if thread.is_alive() and (timeout is None or timeout > 0):
                self._wait(Joining(None if timeout is None else self._deadline(timeout), thread))

        threading.Thread.join = join  # type: ignore[method-assign, assignment]

    def _replace_select(self, kind: Any) -> None:
        """Of a selector: thereby of the event loops that asyncio has in Python."""
        if "select" not in vars(kind):
            return
        ask = kind.select

        @wraps(ask)
        def select(selector: selectors.BaseSelector, timeout: float | None = None) -> Any:
            if timeout is not None and timeout <= 0:
                return ask(selector, timeout)
            while True:
                why = self._forsaken() if timeout is None else ""
                limit = timeout if not why else _HOPELESS
                deadline = None if limit is None else self._deadline(limit)
                waiting = Selecting(deadline, selector, ask, self._is_unseen)
                self._wait(waiting)
                if waiting.events or not why:
                    return waiting.events
                self._endless(why)

        kind.select = select


class _Function(staticmethod):  # type: ignore[type-arg]
    """A function of `time` that behaves as one written in C: it is no method where a class holds it, and can be pickled."""

    def __init__(self, name: str, function: Callable[..., Any]) -> None:
        function.__module__, function.__name__, function.__qualname__ = "time", name, name
        function.__doc__ = getattr(real, name).__doc__
        super().__init__(function)

    def __reduce__(self) -> str:
        return self.__name__


def _length(seconds: Any) -> float:
    """How long `time.sleep` is to wait; 0 for what only the real one can answer."""
    if not isinstance(seconds, (int, float)):
        try:
            seconds = operator.index(seconds)
        except TypeError:
            return 0
    return seconds if 0 < seconds <= threading.TIMEOUT_MAX else 0


def _in_words(seconds: float) -> str:
    size, unit = next(each for each in _UNITS if seconds >= 2 * each[0])
    return f"{seconds / (size or 1):,.0f} {unit}"
