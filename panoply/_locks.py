"""Keeps two runs from writing the same file at the same time: both would say that all they wrote is in it.

A lock is the operating system's. It ends with the process that holds it, however that ends; no file is left behind for it.
"""

from __future__ import annotations

import os
import time
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING, Final

from panoply._forks import in_copies

if TYPE_CHECKING:
    from pathlib import Path

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

__all__ = ["InUse", "Lock"]


# Seconds for which a lock is waited for.
_PATIENCE: Final = 1.0


class InUse(Exception):
    """Another run writes that file."""


class Lock:
    """Holds the file that has this name, from its making to `release`.

    Where the system or the file system has no locks, or the file cannot be opened, it holds nothing.

    Args:
        path: of the file; it is made if there is none.

    Raises:
        InUse: somebody else holds it.
    """

    def __init__(self, path: Path) -> None:
        self._descriptor: int | None = None
        self._copies = ExitStack()
        while fcntl is not None:
            try:
                descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
            except OSError:
                # Whoever writes it tells why that cannot be.
                return
            try:
                _lock_soon(descriptor)
            except BaseException:
                os.close(descriptor)
                raise
            with suppress(OSError):
                # Its owner may have given the name to another file meanwhile.
                if os.path.samestat(os.fstat(descriptor), path.stat()):
                    self._descriptor = descriptor
                    self._copies.enter_context(in_copies(self._leave))
                    return
            os.close(descriptor)

    def move(self, descriptor: int) -> None:
        """Hold this open file, which is about to be given the name, instead of the one that has it."""
        if self._descriptor is not None:
            fresh = os.dup(descriptor)
            _lock(fresh)
            self._leave()
            self._descriptor = fresh

    def release(self) -> None:
        """Let go of it. May be called again."""
        if self._descriptor is not None:
            with suppress(OSError):
                fcntl.flock(self._descriptor, fcntl.LOCK_UN)
        self._leave()
        self._copies.close()

    def _leave(self) -> None:
        """Close the descriptor. The lock is held on as long as anybody has a copy of that."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            os.close(descriptor)


def _lock_soon(descriptor: int) -> None:
    """Lock it, also if that takes a moment: a run that was killed just now may have a copy that has not come to leave it yet."""
    end = time.monotonic() + _PATIENCE
    while True:
        try:
            return _lock(descriptor)
        except InUse:
            if time.monotonic() >= end:
                raise
        time.sleep(_PATIENCE / 50)


def _lock(descriptor: int) -> None:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise InUse from None
    except OSError:
        # There are file systems that have no locks.
        pass
