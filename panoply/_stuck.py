"""Notices that a source cannot be interrupted, and ends the run without it.

Python raises Ctrl-C, and the end of the time allowed, between two lines of Python. A source that waits in native code, as
libpq does for a slow query, has no such lines, and one that catches everything goes on. Signals arrive all the same, at the
level of C: another thread is told of them by a pipe, and looks whether the source has come back.
"""

from __future__ import annotations

import os
import signal
import socket
import threading
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final

from panoply._forks import in_copies
from panoply._interrupts import ENDING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["Calls", "watching"]

# Seconds that a call of the source has to come back, after it was interrupted.
_GRACE: Final = 10.0

# The same for Ctrl-C: somebody waits.
_PATIENCE: Final = 3.0


class Calls:
    """Counts the calls of a source, so that another thread can see whether one is still the same.

    Attributes:
        number: of the call in hand, or of the last one.
    """

    def __init__(self) -> None:
        self.number = 0
        self._inside = False

    @contextmanager
    def one(self) -> Iterator[None]:
        """The source is called in this block."""
        self.number += 1
        self._inside = True
        try:
            yield
        finally:
            self._inside = False

    def in_hand(self, number: int) -> bool:
        """Whether the call of this number has not come back."""
        return self._inside and self.number == number


@contextmanager
def watching(calls: Calls, warn: Callable[[str], object], give_up: Callable[[int], object]) -> Iterator[None]:
    """Have `give_up` called from another thread when a call does not come back although a signal wants it to.

    On Ctrl-C that takes a second one. Only in the main thread of a process, where signals go.

    Args:
        calls: the calls of the source.
        warn: tells the user what a second Ctrl-C does.
        give_up: is called with the number of the signal; it ends the process.
    """
    if threading.current_thread() is not threading.main_thread() or os.name != "posix":
        yield
        return
    heard, told = socket.socketpair()
    told.setblocking(False)  # noqa: FBT003 - its name
    before = signal.set_wakeup_fd(told.fileno())
    if before != -1:
        # Somebody else listens there, an event loop for example.
        signal.set_wakeup_fd(before)
        heard.close()
        told.close()
        yield
        return
    listener = threading.Thread(
        target=_Listener(heard, calls, warn, give_up).listen, name="panoply-signals", daemon=True
    )
    listener.start()
    try:
        # A copy of this process would tell of its own signals there.
        with in_copies(lambda: signal.set_wakeup_fd(-1)):
            yield
    finally:
        signal.set_wakeup_fd(-1)
        told.close()
        listener.join()
        heard.close()


class _Listener:
    def __init__(
        self,
        heard: socket.socket,
        calls: Calls,
        warn: Callable[[str], object],
        give_up: Callable[[int], object],
    ) -> None:
        self._heard = heard
        self._calls = calls
        self._warn = warn
        self._give_up = give_up

    def listen(self) -> None:
        """Wait for signals until nobody can send any more."""
        while (number := self._next(None)) is not None:
            call = self._calls.number
            if number == signal.SIGINT:
                self._interrupted(call)
            elif number in (*ENDING, signal.SIGALRM):
                self._wait(_GRACE, call)
                if self._calls.in_hand(call):
                    self._give_up(number)

    def _interrupted(self, call: int) -> None:
        again = self._wait(_PATIENCE, call)
        if not self._calls.in_hand(call):
            return
        if not again:
            self._warn(
                "The source does not come back: it waits in code that cannot be interrupted. Ctrl-C once more ends the run "
                "without it; what was read is delivered."
            )
            while self._calls.in_hand(call) and not again:
                again = self._wait(_PATIENCE, call)
        if self._calls.in_hand(call):
            self._give_up(signal.SIGINT)

    def _wait(self, seconds: float, call: int) -> bool:
        """Wait until the call has come back, or for so long; whether there was another Ctrl-C."""
        pieces = 20
        for _ in range(pieces):
            if not self._calls.in_hand(call):
                return False
            if self._next(seconds / pieces) == signal.SIGINT:
                return True
        return False

    def _next(self, timeout: float | None) -> int | None:
        """The next signal; 0 if there is none in this time, None if there will be no more."""
        self._heard.settimeout(timeout)
        with suppress(TimeoutError):
            byte = self._heard.recv(1)
            return byte[0] if byte else None
        return 0
