"""A process that reads one part of a split run and then ends: what `--workers` starts.

The job comes on standard input, as nobody else can look there; messages go to what was standard output. What the source
prints goes to standard error, which the run listens to. When standard input ends, so does the part: the run wants it, or is
gone.
"""

from __future__ import annotations

import io
import os
import pickle
import signal
import sys
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, BinaryIO

from panoply._forks import Here, in_copies
from panoply._interrupts import ending_when_told, uninterrupted
from panoply._part_output import end_lines, overheard
from panoply._part_run import read_part
from panoply._part_wire import Ended, Job, Logged, Message, PartFailure
from panoply.errors import PanoplyException
from panoply.loading import load_source

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["main"]


def main(orders: BinaryIO) -> None:
    """Read the part that is told of there."""
    channel = os.fdopen(os.dup(1), "wb")
    with open(os.devnull, "rb") as nothing:  # noqa: PTH123 - a device
        os.dup2(nothing.fileno(), 0)
    os.dup2(2, 1)
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A line is heard when it is printed, as in a terminal.
        sys.stdout.reconfigure(line_buffering=True)
    try:
        job: Job = pickle.load(orders)  # noqa: S301 - it comes from the process that has started this one
    except EOFError:
        return
    ended = threading.Event()

    def let_go() -> None:
        # That this process is gone shows by the end of its channel, which a copy of it would keep open.
        with open(os.devnull, "wb") as nowhere:  # noqa: PTH123 - a device
            os.dup2(nowhere.fileno(), channel.fileno())

    with ending_when_told(), in_copies(let_go):
        threading.Thread(target=_watch, args=(orders, ended), daemon=True).start()
        send = _Channel(channel, ended).send
        # By the way of all messages, so that the run has heard of a credential before it hears it printed. What is written
        # below Python, by child processes for example, it hears by itself.
        with overheard(lambda line: send(Logged(text=line))):
            _read(job, send, ended.is_set)
        # From now on there is nothing to be interrupted.
        ended.set()


def _read(job: Job, send: Callable[[Message], None], stopping: Callable[[], bool]) -> None:
    sys.path[:] = job.path
    try:
        module = load_source(job.module)
    except (PanoplyException, KeyboardInterrupt) as exc:
        cause = "" if exc.__cause__ is None else f"\n  {type(exc.__cause__).__name__}: {exc.__cause__}"
        failure = PartFailure(
            during="importing the source", text=f"{exc}{cause}", interrupted=isinstance(exc, KeyboardInterrupt)
        )
        send(Ended(finished=False, stopped=None, reads=0, retries=0, failures=(failure,)))
        return
    read_part(module, job, send, stopping)


class _Channel:
    def __init__(self, file: BinaryIO, ended: threading.Event) -> None:
        self._file = file
        self._ended = ended
        # Sources log from threads of theirs, too. Reentrant: a signal may come in the midst of it.
        self._lock = threading.RLock()
        self._here = Here()

    def send(self, message: Message) -> None:
        if not self._here:
            return
        if isinstance(message, Ended):
            _last_words()
        data = pickle.dumps(message, protocol=5)
        # Half a message would be taken for the end of this process.
        with self._lock, uninterrupted():
            try:
                self._file.write(data)
                self._file.flush()
            except BrokenPipeError:
                self._ended.set()
                raise


def _last_words() -> None:
    """Have the run hear what was printed, before it hears that this was all: it waits for the end of what is printed."""
    end_lines()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):  # the source may have closed it
            stream.flush()
    with open(os.devnull, "wb") as nowhere:  # noqa: PTH123 - a device
        os.dup2(nowhere.fileno(), 1)
        os.dup2(nowhere.fileno(), 2)


def _watch(orders: BinaryIO, ended: threading.Event) -> None:
    """Wait for the end of standard input, and interrupt the source then."""
    orders.read()
    if not ended.is_set():
        ended.set()
        if os.name == "posix":
            # What waits for a network is woken, too.
            os.kill(os.getpid(), signal.SIGTERM)
