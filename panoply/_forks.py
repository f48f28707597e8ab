"""What becomes of the copies of this process that a source makes with `os.fork()`, by `multiprocessing` for example.

A copy has all that the run has: its sink, its pipes, what it does on a signal. None of that is the copy's business: were it to
go on as a second run, it would write each record again and take the files away from the first.
"""

from __future__ import annotations

import os
import sys
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["Here", "in_copies", "inside"]


class Here:
    """Tells the process that it was made in from copies of it."""

    def __init__(self) -> None:
        self._process = os.getpid()

    def __bool__(self) -> bool:
        return os.getpid() == self._process


@contextmanager
def inside() -> Iterator[None]:
    """End a copy that comes to the end of this block, in whatever way: what follows is for the process that made it.

    Its exit code is what Python's own would be.
    """
    here = Here()
    error: BaseException | None = None
    try:
        yield
    except BaseException as exc:
        error = exc
        raise
    finally:
        if not here:
            _end(error)


@contextmanager
def in_copies(act: Callable[[], object]) -> Iterator[None]:
    """Have `act` called in each copy that is made within this block, before anything else happens there."""
    wanted = True

    def copied() -> None:
        if wanted:
            act()

    if hasattr(os, "register_at_fork"):
        # Nobody can take that back: it is switched off instead.
        os.register_at_fork(after_in_child=copied)
    try:
        yield
    finally:
        wanted = False


def _end(error: BaseException | None) -> None:
    code = 0
    if isinstance(error, SystemExit):
        code = error.code if isinstance(error.code, int) else int(error.code is not None)
    elif error is not None:
        code = 1
        # Not its message, which may hold anything.
        with suppress(Exception):
            sys.stderr.write(f"A process that the source had forked raised {type(error).__name__}.\n")
    for stream in (sys.stdout, sys.stderr):
        with suppress(Exception):
            stream.flush()
    os._exit(code & 0xFF)
