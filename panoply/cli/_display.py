"""What a command shows while it works, whoever looks on: a person (`_screen`) or a machine (`_events`).

Here is what both have in common: the vocabulary, the capturing of what foreign code prints, logs and warns about, and how much
of it is wanted. How it looks is theirs.
"""

from __future__ import annotations

import logging
import sys
import warnings
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, Literal, TextIO, get_args

from panoply.cli._streams import Lines
from panoply.runner import Observer

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from panoply.masking import Mask
    from panoply.runner import RunResult

__all__ = ["LEVELS", "Display", "Level", "Loudness"]

# How serious something has to be to be shown.
Level = Literal["debug", "info", "warning", "error"]

LEVELS: Final[tuple[Level, ...]] = get_args(Level)


class Loudness:
    """How much is shown.

    Attributes:
        level: from which level on what is logged is shown. What a source logs with `log()` counts as info, yet is left out
            at `error` only: it is written to be read.
        quiet: show errors and how it ended, and nothing else.
        verbose: show whole tracebacks.
    """

    def __init__(self, *, level: Level = "warning", quiet: bool = False, verbose: bool = False) -> None:
        self.level: Level = "error" if quiet else level
        self.quiet = quiet
        self.verbose = verbose

    @property
    def number(self) -> int:
        """The level as `logging` counts."""
        return logging.getLevelNamesMapping()[self.level.upper()]

    @property
    def shows_log(self) -> bool:
        """Whether the source's own `log()` is shown."""
        return self.level != "error"


class Display(Observer):
    """Shows what a command does.

    Args:
        stream: where to; standard error of the command, which nobody else writes to meanwhile.
        mask: what all text is passed through.
        loudness: how much of it.
    """

    def __init__(self, stream: TextIO, mask: Mask, loudness: Loudness | None = None) -> None:
        self.stream = stream
        self.mask = mask
        self.loudness = loudness or Loudness()
        # What is being worked on: the source's name.
        self.title = ""

    # ------------------------------------------------------------------ the vocabulary

    def start(self, facts: Mapping[str, Any]) -> None:
        """The run begins; `facts` tell what is known of it, no value of a param among them."""

    def printed(self, line: str) -> None:
        """The source, or a child process of it, wrote a line to standard output or standard error."""

    def logged(self, record: logging.LogRecord, text: str) -> None:
        """Something was logged, by whatever library, at a level that is wanted; `text` has its traceback."""

    def warning(self, text: str, *, ours: bool = True) -> None:
        """Something may be a mistake; of ours, or warned about by the source or a library."""

    def error(self, lines: Sequence[str], facts: Mapping[str, Any] | None = None, *, stopped: bool = False) -> None:
        """Something failed, told by these lines.

        Args:
            lines: for a person.
            facts: the same for a machine, in parts.
            stopped: somebody wanted it to end.
        """

    def summary(self, result: RunResult, target: str, state: str | None = None) -> None:
        """The run is over; its state, if it is kept, is in a file of that name."""

    def end(self, code: int) -> None:
        """The command is over. Nothing is shown after that."""

    @contextmanager
    def bar(self, *, wanted: bool = True, waiting: str = "") -> Iterator[None]:  # noqa: ARG002 - there may be none
        """Keep showing how far it is, or what is waited for, if there is a way to."""
        yield

    # ------------------------------------------------------------------ what foreign code lets out

    @contextmanager
    def capturing(self) -> Iterator[None]:
        """Show what is printed, logged and warned about in the meantime.

        stdout belongs to the records, so that what a source prints there comes here as well.
        """
        root = logging.getLogger()
        handler = _Handler(self)
        handler.setFormatter(logging.Formatter("%(levelname)s %(name)s: %(message)s"))
        before = sys.stdout, sys.stderr, root.level, warnings.showwarning
        caught = Lines(self.printed, sys.stderr)
        sys.stdout = sys.stderr = caught
        warnings.showwarning = self._warned
        root.addHandler(handler)
        root.setLevel(self.loudness.number)
        try:
            yield
        finally:
            caught.end()
            root.removeHandler(handler)
            sys.stdout, sys.stderr = before[:2]
            root.setLevel(before[2])
            warnings.showwarning = before[3]

    def _warned(  # noqa: PLR0913, PLR0917 - the signature of `warnings.showwarning`
        self,
        message: Warning | str,
        category: type[Warning],
        filename: str,
        lineno: int,
        file: TextIO | None = None,
        line: str | None = None,
    ) -> None:
        text = warnings.formatwarning(message, category, filename, lineno, line)
        if file is not None and file is not sys.stderr:
            file.write(text)
        elif self.loudness.level != "error":
            self.warning(text.rstrip("\n"), ours=False)


class _Handler(logging.Handler):
    """Passes log records on."""

    def __init__(self, display: Display) -> None:
        super().__init__()
        self._display = display

    def emit(self, record: logging.LogRecord) -> None:
        # A logger of its own level lets more through than the root's.
        if record.levelno < self._display.loudness.number:
            return
        try:
            # With its traceback, and masked as a whole: a credential may span lines.
            self._display.logged(record, self.format(record))
        except Exception:  # noqa: BLE001 - as every handler of the standard library does it
            self.handleError(record)
