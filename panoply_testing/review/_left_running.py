"""Ends what a project's processes have left running: a daemon has a session of its own, and is not of the group that was ended.

It is known by its surroundings: each process of a review has its temporary files in the review's scratch folder. Where there
is no /proc, nobody can tell.
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["end_left_running"]

_PROCESSES: Final = Path("/proc")

# What is ended may just have started another.
_ROUNDS: Final = 5

# Seconds. A process that is killed is gone as soon as the system comes round to it.
_PATIENCE: Final = 5.0
_LOOK_AGAIN: Final = 0.01


def end_left_running(scratch: Path) -> int:
    """End all processes that have this folder in their environment, or are in it; how many there were."""
    ended = set[int]()
    for _ in range(_ROUNDS):
        found = set(_of(scratch)) - ended
        if not found:
            break
        for process in found:
            with contextlib.suppress(OSError):
                os.kill(process, signal.SIGKILL)
        until = time.monotonic() + _PATIENCE
        while any((_PROCESSES / str(process) / "exe").exists() for process in found) and time.monotonic() < until:
            time.sleep(_LOOK_AGAIN)
        ended |= found
    return len(ended)


def _of(scratch: Path) -> Iterator[int]:
    prefix = os.fsencode(scratch) + b"/"
    for folder in _PROCESSES.glob("[0-9]*"):
        number = int(folder.name)
        if number == os.getpid():
            continue
        # Those of other users, and those that have just ended, cannot be read.
        with contextlib.suppress(OSError):
            if prefix in (folder / "environ").read_bytes() or (
                os.fsencode((folder / "cwd").readlink()) + b"/"
            ).startswith(prefix):
                yield number
