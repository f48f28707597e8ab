"""Reads the parts of a split run on this machine, each in a process of its own: a source may keep what it likes in its
module, may crash, and may use a whole core.
"""

from __future__ import annotations

import io
import pickle
import queue
import subprocess
import sys
import threading
import time
import uuid
from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Final, cast

from panoply._part_wire import Began, Ended, Logged, Lost

if TYPE_CHECKING:
    from panoply._engines import Envelope
    from panoply._part_wire import Job, Message

__all__ = ["LocalEngine"]

# Messages that wait for the run to take them, for each worker; then the workers wait.
_WAITING: Final = 2

# Seconds that those who still read have when the run is over, to close their sources.
_GRACE: Final = 10.0

# Seconds until what a process that is gone has printed must have come.
_LAST_WORDS: Final = 2.0

# The process looks for modules where this one does, before it knows its job. Nothing of the job stands on its command line.
_BOOT: Final = (
    "import os, pickle, sys; orders = open(os.dup(0), 'rb'); sys.path[:] = pickle.load(orders); "
    "from panoply._part_process import main; main(orders)"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Worker:
    process: subprocess.Popen[bytes]
    attempt: str
    threads: tuple[threading.Thread, ...]


class LocalEngine:
    """Has parts read by processes of this machine.

    Args:
        workers: how many at a time.
    """

    remote = False

    def __init__(self, workers: int) -> None:
        self.slots: int | None = workers
        self._workers: dict[str, _Worker] = {}
        # Those that are gone, or about to go: of parts that were read, or are read by others now.
        self._leaving: list[_Worker] = []
        self._began: deque[Envelope] = deque()
        self._inbox: queue.Queue[Envelope] = queue.Queue(workers * _WAITING)
        self._closed = threading.Event()

    def start(self, key: str) -> None:
        """Start a process."""
        self._let_go()
        process = subprocess.Popen(  # noqa: S603 - this interpreter, and our own code
            [sys.executable, "-c", _BOOT],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            bufsize=0,
            # Ctrl-C in a terminal goes to all processes of a group: here the run decides what becomes of it.
            start_new_session=True,
        )
        attempt = uuid.uuid4().hex
        overhearing = threading.Thread(target=self._overhear, args=(key, attempt, process), daemon=True)
        listening = threading.Thread(target=self._listen, args=(key, attempt, process, overhearing), daemon=True)
        self._workers[key] = _Worker(process=process, attempt=attempt, threads=(overhearing, listening))
        self._order(process, list(sys.path))
        overhearing.start()
        listening.start()
        self._began.append((key, attempt, Began()))

    def reply(self, key: str, attempt: str, job: Job) -> None:
        """Give the process its job."""
        worker = self._workers[key]
        if worker.attempt == attempt:
            self._order(worker.process, job)

    def receive(self, timeout: float) -> Envelope | None:
        """What was said next."""
        if self._began:
            return self._began.popleft()
        try:
            envelope = self._inbox.get(timeout=timeout)
        except queue.Empty:
            return None
        key, attempt, message = envelope
        worker = self._workers.get(key)
        if isinstance(message, (Ended, Lost)) and worker is not None and worker.attempt == attempt:
            self._leaving.append(self._workers.pop(key))
        return envelope

    def stop(self) -> None:
        """Close the standard input of all processes, which tells them."""
        for worker in self._all():
            _close(worker.process.stdin)

    def close(self) -> None:
        """End the processes; those that do not within seconds are killed."""
        self._closed.set()
        self.stop()
        end = time.monotonic() + _GRACE
        for worker in self._all():
            try:
                worker.process.wait(max(0.0, end - time.monotonic()))
            except subprocess.TimeoutExpired:
                worker.process.kill()
                worker.process.wait()
            for thread in worker.threads:
                thread.join(_LAST_WORDS)
        self._workers.clear()
        self._leaving.clear()

    def _all(self) -> list[_Worker]:
        return [*self._workers.values(), *self._leaving]

    def _let_go(self) -> None:
        """Release what is held of processes that are gone: a run may have thousands of parts."""
        gone = [worker for worker in self._leaving if not any(thread.is_alive() for thread in worker.threads)]
        for worker in gone:
            _close(worker.process.stdin)
            self._leaving.remove(worker)

    def _order(self, process: subprocess.Popen[bytes], what: object) -> None:
        # A process that is gone is noticed by those who listen to it.
        with suppress(BrokenPipeError, ValueError):
            pickle.dump(what, process.stdin, protocol=5)  # type: ignore[arg-type]

    def _listen(self, key: str, attempt: str, process: subprocess.Popen[bytes], overhearing: threading.Thread) -> None:
        """Pass on what the process says, until it has said everything or is gone."""
        ended = False
        with _reader(process.stdout) as said, suppress(EOFError, pickle.UnpicklingError):
            while not ended:
                message: Message = pickle.load(said)  # noqa: S301 - this process has started that one
                ended = isinstance(message, Ended)
                if ended:
                    # Before it is over, what it has printed. A process that it has left behind may keep the pipe open.
                    overhearing.join(_LAST_WORDS)
                self._say(key, attempt, message)
        code = process.wait()
        # What it has printed last may say why.
        overhearing.join(_LAST_WORDS)
        if not ended:
            why = f"signal {-code}" if code < 0 else f"exit code {code}"
            self._say(key, attempt, Lost(why=f"its process ended with {why}"))

    def _overhear(self, key: str, attempt: str, process: subprocess.Popen[bytes]) -> None:
        """Pass on what is printed."""
        with _reader(process.stderr) as printed:
            for line in printed:
                self._say(key, attempt, Logged(text=line.decode("utf-8", "replace").rstrip("\r\n")))

    def _say(self, key: str, attempt: str, message: Message) -> None:
        # When the run is over nobody takes anything any more.
        while not self._closed.is_set():
            with suppress(queue.Full):
                self._inbox.put((key, attempt, message), timeout=0.2)
                return


def _reader(pipe: IO[bytes] | None) -> io.BufferedReader:
    """What reads a pipe in large pieces, and closes it. Nobody else does: its number could be that of another by then."""
    return io.BufferedReader(cast("io.RawIOBase", pipe))


def _close(file: IO[bytes] | None) -> None:
    if file is not None:
        with suppress(BrokenPipeError):
            file.close()
