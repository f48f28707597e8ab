"""The process's standard streams while foreign code runs: standard output belongs to the command, and everything else that is
written becomes lines of the display.

A source may write by `print`, by `sys.stdout.buffer`, by a C library or by a child process; only the first two pass through
Python. So the file descriptors 1 and 2 lead into a pipe meanwhile, and what comes out of it is masked like everything else.
"""

from __future__ import annotations

import io
import os
import re
import sys
import threading
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final, TextIO

from panoply.errors import ParamsError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["Lines", "own_stderr", "own_stdout", "own_streams"]

# A carriage return alone is how progress bars start over; whether one is alone is known when the next character is.
_LINE_END: Final = re.compile(r"\r\n|\n|\r(?=[^\n])")

# A line that does not end is shown in pieces of this size.
_LONGEST: Final = 2**20

# Seconds to wait for the last words of a child process. One that goes on keeps its end of the pipe open.
_LAST_WORDS: Final = 1.0


def own_stderr() -> TextIO:
    """Standard error for the command alone: it stays what it is when the file descriptor leads elsewhere."""
    if sys.stderr is None:
        # Closed by whoever started the process, who wants to hear nothing.
        return Path(os.devnull).open("w", encoding="utf-8")
    if not _are_the_process_s():
        return sys.stderr
    # Whatever cannot be written in this terminal's encoding is written as an escape, as Python itself does on stderr.
    return open(os.dup(2), "w", encoding=sys.stderr.encoding, errors="backslashreplace", buffering=1)  # noqa: PTH123 - open as long as the process


@contextmanager
def own_stdout() -> Iterator[BinaryIO]:
    """Keep the process's standard output for the command; what else is written there, by child processes too, goes to
    standard error.
    """
    if sys.stdout is None:
        raise ParamsError("Standard output is closed. Let it lead somewhere, such as /dev/null.")
    if not _are_the_process_s():
        yield sys.stdout.buffer
        return
    usual = sys.stdout
    usual.flush()
    kept = os.dup(1)
    os.dup2(2, 1)
    stream = os.fdopen(kept, "wb")
    try:
        yield stream
    finally:
        _flush(usual)
        os.dup2(kept, 1)
        # Each record was flushed when it was written; what could not be was reported then.
        with suppress(OSError):
            stream.close()


@contextmanager
def own_streams(show: Callable[[str], object]) -> Iterator[BinaryIO]:
    """Keep standard output for the command, and give what anybody writes there or to standard error to `show`, line by line.

    Gives the standard output. `own_stderr` has to be called before.
    """
    with own_stdout() as stdout:
        if not _are_the_process_s(after=True):
            yield stdout
            return
        usual = sys.stderr
        usual.flush()
        kept = os.dup(2)
        reading, writing = os.pipe()
        for number in (1, 2):
            os.dup2(writing, number)
        os.close(writing)
        reader = threading.Thread(target=_pass_on, args=(reading, show), name="panoply-output", daemon=True)
        reader.start()
        try:
            yield stdout
        finally:
            _flush(sys.__stdout__)
            _flush(usual)
            # These were the last writing ends, unless a child still has one.
            for number in (1, 2):
                os.dup2(kept, number)
            os.close(kept)
            reader.join(_LAST_WORDS)


class Lines(io.TextIOBase):
    """Stands in for `sys.stdout` and `sys.stderr`: what is written is passed on line by line.

    A line is passed on when it is whole, so that a credential written in pieces is recognised.

    Args:
        show: takes each line, without its end.
        behind: what `fileno` tells.
    """

    def __init__(self, show: Callable[[str], object], behind: TextIO) -> None:
        self._show = show
        self._behind = behind
        # What was written since the last end of a line, and how long that is.
        self._rest: list[str] = []
        self._size = 0
        self._lock = threading.RLock()
        # For code that writes bytes to `sys.stdout.buffer`.
        self.buffer = _Bytes(self)

    encoding = "utf-8"
    errors = "replace"

    def write(self, text: str) -> int:
        whole: list[str] = []
        with self._lock:
            self._rest.append(text)
            self._size += len(text)
            # A source may print a dot for each record.
            if "\n" in text or "\r" in text:
                *whole, rest = _LINE_END.split("".join(self._rest))
                self._rest, self._size = [rest], len(rest)
            if self._size > _LONGEST:
                whole.append("".join(self._rest))
                self._rest, self._size = [], 0
        for line in whole:
            self._show(line)
        return len(text)

    def end(self) -> None:
        """Pass on the beginning of a line that nobody ended."""
        with self._lock:
            rest = "".join(self._rest)
            self._rest, self._size = [], 0
        if rest:
            self._show(rest.rstrip("\r"))

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._behind.fileno()


class _Bytes(io.RawIOBase):
    def __init__(self, lines: Lines) -> None:
        self._lines = lines

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._lines.write(bytes(data).decode("utf-8", "replace"))
        return len(data)


def _pass_on(reading: int, show: Callable[[str], object]) -> None:
    rest = b""
    # Stays open where a child goes on writing after the end: it must not die of that.
    while piece := os.read(reading, 65536):
        *whole, rest = re.split(rb"\r\n|\n|\r(?=[^\n])", rest + piece)
        if len(rest) > _LONGEST:
            whole, rest = [*whole, rest], b""
        for line in whole:
            show(line.decode("utf-8", "replace"))
    if rest:
        show(rest.decode("utf-8", "replace"))
    os.close(reading)


def _flush(stream: TextIO | None) -> None:
    """Let go of what somebody wrote past `sys.stdout`, while it still leads where it should."""
    if stream is not None:
        with suppress(OSError, ValueError):
            stream.flush()


def _are_the_process_s(*, after: bool = False) -> bool:
    """Whether `sys.stdout` and `sys.stderr` are the process's own; in a test they are something else.

    Args:
        after: only standard error counts, as `sys.stdout` has been taken care of.
    """
    try:
        return sys.stderr.fileno() == 2 and (after or sys.stdout.fileno() == 1)
    except (AttributeError, io.UnsupportedOperation, ValueError):
        return False
