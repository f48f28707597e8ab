"""What a person sees of a run: lines and a progress bar on stderr, everything masked.

In a terminal the bar stays at the bottom and lines go above it; elsewhere a line of progress is written now and then.
What lines there are, and what they say, is decided by the caller.
"""

from __future__ import annotations

import os
import threading
import time
import traceback
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, TextIO

from rich.console import Console, ConsoleDimensions
from rich.live import Live
from rich.text import Text

from panoply.cli._display import Display, Loudness
from panoply.cli._pace import Pace, duration, rate
from panoply.cli._row import Row
from panoply.cli._summary import summary, table_lines, table_of_tables
from panoply.cli._text import counted, described, in_one_line, unstyled

if TYPE_CHECKING:
    import logging
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from rich.console import RenderableType

    from panoply.cli._pace import Reading
    from panoply.masking import Mask
    from panoply.runner import RunResult

__all__ = ["Screen"]

# Seconds between two lines of progress where there is no bar.
_PROGRESS_INTERVAL: Final = 10.0

# A log file is read by people too.
_LONGEST_MESSAGE: Final = 200


class Screen(Display):
    """Shows a run.

    Args:
        stream: where to, usually stderr.
        mask: what all text is passed through.
        loudness: how much.
        title: the source's name.
        clock: how to tell the time between lines of progress.
    """

    def __init__(
        self,
        stream: TextIO,
        mask: Mask,
        loudness: Loudness | None = None,
        *,
        title: str = "",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(stream, mask, loudness)
        self.title = title
        self._clock = clock
        self._shown_at = clock()
        self._pace = Pace(clock)
        self._console = _Terminal(file=stream, highlight=False, markup=False, emoji=False)
        self._row = Row(self._console)
        self._lock = threading.RLock()
        self._ended = False
        self._failed = False
        self._delivered: int | None = None
        self._waiting = ""
        # FORCE_COLOR makes rich take a pipe for a terminal; a bar in a log file helps nobody.
        self._lively = stream.isatty() and not self._console.is_dumb_terminal
        self._live: Live | None = None

    @property
    def console(self) -> Console:
        """What is drawn on, for those who ask something."""
        return self._console

    def line(self, text: str, style: str = "") -> None:
        """Write a line, above the bar if there is one."""
        clean = unstyled(masked := self.mask.apply(text))
        # What hid a credential may have been a change of colour in its middle.
        text = clean if clean == masked else self.mask.apply(clean)
        # A reader of stderr who has gone away must not make the run fail; and nothing comes after the end.
        with self._lock, suppress(BrokenPipeError):
            if self._ended:
                return
            if self._lively:
                self._console.print(Text(text, style=style), soft_wrap=True)
            else:
                self.stream.write(f"{text}\n")
                self.stream.flush()

    @contextmanager
    def bar(self, *, wanted: bool = True, waiting: str = "") -> Iterator[None]:
        """Show a bar in the meantime, if this is a terminal; or a spinner that says what is waited for."""
        self._waiting = waiting
        if not self._lively or not wanted or self.loudness.quiet:
            yield
            return
        self._live = Live(
            get_renderable=self._drawn,
            console=self._console,
            transient=True,
            refresh_per_second=8,
            # `capturing` does this, and masks.
            redirect_stdout=False,
            redirect_stderr=False,
        )
        try:
            with self._live:
                yield
        finally:
            self._live = None

    # ------------------------------------------------------------------ what is told

    def printed(self, line: str) -> None:
        """Show it as a line."""
        if not self.loudness.quiet:
            self.line(line)

    def logged(self, record: logging.LogRecord, text: str) -> None:  # noqa: ARG002 - a person reads the text
        """Show it as a line."""
        self.line(text)

    def log(self, message: str) -> None:
        """Show it, each line of it as a line."""
        if self.loudness.shows_log:
            for part in message.splitlines() or [""]:
                self.line(part)

    def warning(self, text: str, *, ours: bool = True) -> None:
        """Show it in yellow."""
        if not self.loudness.quiet:
            self.line(f"Warning: {text}" if ours else text, style="yellow")

    def error(self, lines: Sequence[str], facts: Mapping[str, Any] | None = None, *, stopped: bool = False) -> None:  # noqa: ARG002 - a person reads the lines
        """Show it in red, or in yellow where it was wanted."""
        self._failed = self._failed or any(line.startswith("Error") for line in lines)
        self.line("\n".join(lines), style="yellow" if stopped else "red")

    def summary(self, result: RunResult, target: str, state: str | None = None) -> None:
        """A table of the tables, one line for all, and what can be done next."""
        ending = summary(result, target, state, self._delivered)
        if not self.loudness.quiet and ending.tables:
            if self._lively:
                self._print(table_of_tables(ending, self._console.width))
            else:
                for line in table_lines(ending):
                    self.line(line)
        self.line(ending.line, style="green" if result.ok else "red")
        if not self.loudness.quiet:
            for hint in ending.hints:
                # With stars in it, it cannot be followed.
                if self.mask.apply(hint) == hint:
                    self.line(hint, style="dim")
            if self._failed and not self.loudness.verbose:
                self.line("With -v the whole traceback is shown.", style="dim")

    def end(self, code: int) -> None:  # noqa: ARG002 - a person sees it by the colour
        """Show nothing more: a child process that goes on writes into the void."""
        with self._lock:
            self._ended = True

    # ------------------------------------------------------------------ progress

    def progress(self, loaded: object, total: object, message: str) -> None:
        """Move the bar; while there are no numbers, it only shows that something goes on."""
        self._pace.progress(loaded, total, message)
        self._now_and_then()

    def batch(self, reads: int, records: int) -> None:  # noqa: ARG002 - the number of reads tells a person nothing
        """Count."""
        self._pace.batch(records)
        self._now_and_then()

    def retry(self, error: BaseException, attempt: int, attempts: int, pause: float) -> None:
        """Say what is wrong, and that it is not the end."""
        if self.loudness.quiet:
            return
        if self.loudness.verbose:
            self.line("".join(traceback.format_exception(error)).rstrip("\n"), style="yellow")
        self.line(f"read() raised {described(error)}", style="yellow")
        self.line(f"Calling it again in {pause:g} s (attempt {attempt} of {attempts}).", style="yellow")

    def delivered(self, records: int) -> None:
        """Remember it for the end."""
        self._delivered = records

    def delivering(self) -> None:
        """Say what is waited for."""
        self._pace.say("delivering")

    def _now_and_then(self) -> None:
        if self._live is not None or self.loudness.quiet or self._clock() - self._shown_at < _PROGRESS_INTERVAL:
            return
        self._shown_at = self._clock()
        self.line(progress_line(self._reading()))

    def _reading(self) -> Reading:
        # Made fit for a row here: a source may say something for each record, and few of it are shown.
        reading = self._pace.now()
        clean = in_one_line(unstyled(reading.message))
        return reading if clean == reading.message else replace(reading, message=self.mask.apply(clean))

    def _drawn(self) -> RenderableType:
        reading = self._reading()
        head = self._waiting or f"{in_one_line(self.title)}: {counted(reading.records, 'record')}"
        return self._row.drawn(head, reading)

    def _print(self, drawing: RenderableType) -> None:
        with self._lock, suppress(BrokenPipeError):
            self._console.print(drawing)


def progress_line(reading: Reading) -> str:
    """`1,000 records so far (9 of 1,000, 0%; 100/s; 16:31 left): page 9`."""
    facts = []
    if reading.loaded is not None:
        facts.append(f"{reading.loaded:,} of {reading.total:,}, {reading.percent}%")
    if reading.rate is not None:
        facts.append(rate(reading.rate))
    if reading.left is not None:
        facts.append(f"{duration(reading.left)} left")
    told = f" ({'; '.join(facts)})" if facts else ""
    message = f": {reading.message[:_LONGEST_MESSAGE]}" if reading.message else ""
    return f"{counted(reading.records, 'record')} so far{told}{message}"


class _Terminal(Console):
    """A console as wide as the terminal that it writes to.

    rich asks the process's standard streams, which lead elsewhere while a source runs.
    """

    @property
    def size(self) -> ConsoleDimensions:
        if not os.environ.get("COLUMNS", "").isdecimal():
            with suppress(OSError, ValueError, AttributeError):
                columns, lines = os.get_terminal_size(self.file.fileno())
                if columns and lines:
                    return ConsoleDimensions(columns - self.legacy_windows, lines)
        return super().size

    @size.setter
    def size(self, new_size: tuple[int, int]) -> None:
        self._width, self._height = new_size
