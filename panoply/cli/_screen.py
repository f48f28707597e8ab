"""What a person sees of a run: lines and a progress bar on stderr, everything masked.

In a terminal the bar stays at the bottom and lines go above it; elsewhere a line of progress is written now and then.
What lines there are, and what they say, is decided by the caller.
"""

from __future__ import annotations

import io
import logging
import re
import sys
import threading
import time
import traceback
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, TextIO

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.table import Column
from rich.text import Text

from panoply.runner import Observer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from panoply.masking import Mask

__all__ = ["Screen"]

# Seconds between two lines of progress where there is no bar.
_PROGRESS_INTERVAL = 10.0

# Columns that all but the title and the message of a bar take, with room for the number of records.
_BAR_WIDTH = 68

_LINE_END = re.compile(r"\r\n|\r|\n")


class Screen(Observer):
    """Shows a run.

    Args:
        stream: where to, usually stderr.
        mask: what all text is passed through.
        title: the source's name.
        verbose: whether a failed read is shown with its traceback.
        clock: how to tell the time between lines of progress.
    """

    def __init__(
        self,
        stream: TextIO,
        mask: Mask,
        *,
        title: str = "",
        verbose: bool = False,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.title = title
        self._verbose = verbose
        self._stream = stream
        self._mask = mask
        self._clock = clock
        self._shown_at = clock()
        self._records = 0
        self._loaded: tuple[int, int] | None = None
        self._message = ""
        self._progress: Progress | None = None
        self._task = TaskID(0)
        self._console = Console(file=stream, highlight=False, markup=False, emoji=False)
        # FORCE_COLOR makes rich take a pipe for a terminal; a bar in a log file helps nobody.
        self._lively = stream.isatty() and not self._console.is_dumb_terminal

    def line(self, text: str, style: str = "") -> None:
        """Write a line, above the bar if there is one."""
        text = self._mask.apply(text)
        # A reader of stderr who has gone away must not make the run fail.
        with suppress(BrokenPipeError):
            if self._lively:
                self._console.print(Text(text, style=style), soft_wrap=True)
            else:
                self._stream.write(f"{text}\n")
                self._stream.flush()

    @contextmanager
    def bar(self, *, wanted: bool = True) -> Iterator[None]:
        """Show a bar in the meantime, if this is a terminal."""
        if not self._lively or not wanted:
            yield
            return
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False, table_column=Column(no_wrap=True)),
            BarColumn(bar_width=24),
            TaskProgressColumn(),
            TextColumn("{task.fields[message]}", markup=False, table_column=Column(no_wrap=True)),
            TimeElapsedColumn(),
            console=self._console,
            transient=True,
            # `capturing` does this, and masks.
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._task = self._progress.add_task(self.title, total=None, message="")
        try:
            with self._progress:
                yield
        finally:
            self._progress = None

    @contextmanager
    def capturing(self, level: int = logging.WARNING) -> Iterator[None]:
        """Turn what is printed, logged and warned about in the meantime into lines.

        stdout belongs to the records, so that what a source prints there comes here as well.
        """
        root = logging.getLogger()
        handler = _LogLines(self)
        before = sys.stdout, sys.stderr, root.level
        caught = _Lines(self, self._stream)
        sys.stdout = sys.stderr = caught
        root.addHandler(handler)
        root.setLevel(level)
        try:
            yield
        finally:
            caught.end()
            root.removeHandler(handler)
            sys.stdout, sys.stderr = before[:2]
            root.setLevel(before[2])

    def log(self, message: str) -> None:
        """Show it as a line."""
        for part in _LINE_END.split(message):
            self.line(part)

    def progress(self, loaded: object, total: object, message: str) -> None:
        """Move the bar; while there are no numbers, it only shows that something goes on."""
        self._loaded = None
        if isinstance(loaded, int) and isinstance(total, int) and 0 <= loaded <= total and total > 0:
            self._loaded = (loaded, total)
        self._message = " ".join(message.split())
        self._show()

    def batch(self, reads: int, records: int) -> None:  # noqa: ARG002 - the number of reads tells a person nothing
        """Count."""
        self._records = records
        self._show()

    def retry(self, error: BaseException, attempt: int, attempts: int, pause: float) -> None:
        """Say what is wrong, and that it is not the end."""
        if self._verbose:
            self.line("".join(traceback.format_exception(error)).rstrip("\n"), style="yellow")
        self.line(f"read() raised {described(error)}", style="yellow")
        self.line(f"Calling it again in {pause:g} s (attempt {attempt} of {attempts}).", style="yellow")

    def delivering(self) -> None:
        """Say what is waited for."""
        self._message = "delivering"
        self._show()

    def _show(self) -> None:
        if self._progress is not None:
            loaded, total = self._loaded or (0, None)
            self._progress.update(
                self._task,
                completed=loaded,
                total=total,
                description=f"{self.title}: {counted(self._records, 'record')}",
                # A row as wide as the terminal would not be cleared after Ctrl-C, whose echo makes it two.
                message=self._message[: max(0, self._console.width - _BAR_WIDTH - len(self.title))],
            )
        elif self._clock() - self._shown_at >= _PROGRESS_INTERVAL:
            self._shown_at = self._clock()
            numbers = "" if self._loaded is None else f", {self._loaded[0]:,} of {self._loaded[1]:,}"
            message = f": {self._message}" if self._message else ""
            self.line(f"{counted(self._records, 'record')} so far{numbers}{message}")


def counted(number: int, noun: str) -> str:
    """`1 record`, `5,046 records`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def described(error: BaseException) -> str:
    """An exception as its type and message."""
    message = str(error)
    return f"{type(error).__name__}: {message}" if message else f"{type(error).__name__}, without a message."


class _Lines(io.TextIOBase):
    """Stands in for stdout and stderr: what is written becomes lines of the screen.

    A line is passed on when it is whole, so that a credential written in pieces is recognised.
    """

    def __init__(self, screen: Screen, behind: TextIO) -> None:
        self._screen = screen
        self._behind = behind
        self._rest = ""
        self._lock = threading.RLock()
        # For code that writes bytes to `sys.stdout.buffer`.
        self.buffer = _Bytes(self)

    encoding = "utf-8"
    errors = "replace"

    def write(self, text: str) -> int:
        with self._lock:
            *whole, self._rest = _LINE_END.split(self._rest + text)
        for line in whole:
            self._screen.line(line)
        return len(text)

    def end(self) -> None:
        """Pass on the beginning of a line that nobody ended."""
        with self._lock:
            rest, self._rest = self._rest, ""
        if rest:
            self._screen.line(rest)

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._behind.fileno()


class _Bytes(io.RawIOBase):
    def __init__(self, lines: _Lines) -> None:
        self._lines = lines

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._lines.write(bytes(data).decode("utf-8", "replace"))
        return len(data)


class _LogLines(logging.Handler):
    """Turns log records into lines."""

    def __init__(self, screen: Screen) -> None:
        super().__init__()
        self._screen = screen
        self.setFormatter(logging.Formatter("%(levelname)s %(name)s: %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        try:
            # With its traceback, and masked as a whole: a credential may span lines.
            self._screen.line(self.format(record))
        except Exception:  # noqa: BLE001 - as every handler of the standard library does it
            self.handleError(record)
