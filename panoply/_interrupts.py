"""What comes from outside in the midst of something: Ctrl-C, the signal to end, and the end of the time allowed.

Python turns them into exceptions at whatever line the program happens to be. Here it is said where that may be, and where
it has to wait: a source that hangs has to be interrupted, a record that is half written must not be.
"""

from __future__ import annotations

import os
import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from panoply._forks import Here

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

__all__ = ["ENDING", "Deadline", "Noticed", "Terminated", "TimeIsUp", "ending_when_told", "noticing", "uninterrupted"]

# What tells a process to end, as far as the system knows it.
ENDING: Final = frozenset(int(getattr(signal, name)) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name))

# Seconds after which a source that has swallowed the end of its time is interrupted again.
_AGAIN: Final = 1.0


class Terminated(KeyboardInterrupt):
    """The process was told to end: by SIGTERM, or by SIGHUP as its terminal is gone.

    Args:
        number: of the signal.
    """

    def __init__(self, number: int = signal.SIGTERM) -> None:
        super().__init__()
        self.number = number


class TimeIsUp(BaseException):
    """The time allowed for a run is over. Not an Exception, which many a source catches and goes on after."""


class Deadline:
    """The moment when a run has to be over.

    Args:
        seconds: from now on; None: there is none.
        clock: tells the time.
    """

    def __init__(self, seconds: float | None, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._end = None if seconds is None else clock() + seconds

    def left(self) -> float | None:
        """Seconds until then, never less than nothing; None: there is no deadline."""
        return None if self._end is None else max(0.0, self._end - self._clock())

    @property
    def passed(self) -> bool:
        """Whether it is over."""
        return self.left() == 0.0

    @contextmanager
    def enforced(self, grace: float = 0.0) -> Iterator[None]:
        """Raise TimeIsUp within this block once the deadline is over, whatever the block waits for.

        That takes a signal, which only the main thread of a process gets, and which Windows does not have; elsewhere, and
        within code in C that waits without looking up, nothing is raised.

        Args:
            grace: at least so many seconds are given.
        """
        left = self.left()
        if left is None or not _signals_come_here() or not hasattr(signal, "setitimer"):
            yield
            return
        armed = True

        def ring(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - as signal handlers are called
            # One that was under way when the block ended must not go off behind it.
            if armed:
                raise TimeIsUp

        before = signal.signal(signal.SIGALRM, ring)
        # A source may catch everything: it is told again and again. A timer of 0 would be none.
        signal.setitimer(signal.ITIMER_REAL, max(left, grace, 1e-6), _AGAIN)
        try:
            yield
        finally:
            armed = False
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Let the first Ctrl-C or order to end within this block take effect at its end; a second one does not wait."""
    if not _signals_come_here():
        yield
        return
    held: list[tuple[Callable[..., Any], int, FrameType | None]] = []
    before = {int(number): signal.getsignal(number) for number in (signal.SIGINT, *ENDING)}
    # What is ignored, or ends the process at once, is left alone.
    handlers = {number: handler for number, handler in before.items() if callable(handler)}

    def hold(number: int, frame: FrameType | None) -> None:
        handler = handlers[number]
        if held:
            handler(number, frame)
        else:
            held.append((handler, number, frame))

    for number in handlers:
        signal.signal(number, hold)
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
        for handler, number, frame in held:
            handler(number, frame)


class Noticed:
    """What signal handlers have raised.

    Attributes:
        error: the last of it.
    """

    error: BaseException | None = None


@contextmanager
def noticing() -> Iterator[Noticed]:
    """Notice what signals raise within this block, where foreign code may catch it and tell nobody."""
    noticed = Noticed()
    if not _signals_come_here():
        yield noticed
        return
    numbers = {int(signal.SIGINT), *ENDING} | ({int(signal.SIGALRM)} if hasattr(signal, "SIGALRM") else set())
    # What is ignored, or ends the process at once, raises nothing.
    handlers: dict[int, Callable[..., Any]] = {
        number: handler for number in numbers if callable(handler := signal.getsignal(number))
    }

    def note(number: int, frame: FrameType | None) -> None:
        try:
            handlers[number](number, frame)
        except BaseException as exc:
            noticed.error = exc
            raise

    for number in handlers:
        signal.signal(number, note)
    try:
        yield noticed
    finally:
        for number, handler in handlers.items():
            # The source may have put its own in its place.
            if signal.getsignal(number) is note:
                signal.signal(number, handler)


@contextmanager
def ending_when_told() -> Iterator[None]:
    """Raise Terminated where the process is told to end, so that it can put its things in order first."""
    here = Here()

    def end(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 - as signal handlers are called
        if here:
            raise Terminated(number)
        # What a source has started is to end when the source says so.
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)

    # `nohup` has the one ignored; a program may do something of its own.
    numbers = (
        [number for number in ENDING if signal.getsignal(number) is signal.SIG_DFL] if _signals_come_here() else []
    )
    for number in numbers:
        signal.signal(number, end)
    try:
        yield
    finally:
        for number in numbers:
            signal.signal(number, signal.SIG_DFL)


def _signals_come_here() -> bool:
    return threading.current_thread() is threading.main_thread()
