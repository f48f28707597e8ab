"""What `panoply new` says on standard output: what was made, what would change, and which commands come next."""

from __future__ import annotations

import io
import os
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from panoply._template_update import difference
from panoply.cli._text import counted, printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from panoply._template_into import Growth
    from panoply._template_update import Change, Update

__all__ = ["Paper", "show_growth", "show_made", "show_update", "show_updated"]

_COLOURS: Final = {"+": "green", "-": "red", "@": "cyan"}

_WORDS: Final = {
    "added": "new",
    "replaced": "changed",
    "merged": "merged with what you have changed",
    "removed": "removed",
}


class Paper:
    """Standard output, line by line; what its encoding lacks is written as an escape."""

    def __init__(self) -> None:
        self._file = sys.stdout or io.StringIO()
        self._console = Console(file=self._file, highlight=False, markup=False, emoji=False)

    def line(self, text: str = "", style: str = "", *, is_code: bool = False) -> None:
        """Write a line. Commands and the lines of files are not wrapped: they are to be copied."""
        self._console.print(Text(self._clean(text), style=style), soft_wrap=is_code or not self._file.isatty())

    def lines(self, texts: Iterable[str], style: str = "") -> None:
        """Write an item a line."""
        for text in texts:
            self.line(f"  {text}", style)

    def pairs(self, pairs: Iterable[tuple[str, str]]) -> None:
        """Write names, with what is said of each beside it."""
        table = Table.grid(padding=(0, 2, 0, 0))
        table.add_column(no_wrap=True)
        table.add_column(overflow="fold")
        every = list(pairs)
        for name, text in every:
            table.add_row(Text(f"  {self._clean(name)}"), Text(self._clean(text)))
        if self._file.isatty():
            self._console.print(table)
            return
        width = max(len(name) for name, _ in every)
        self.lines(f"{name:<{width}}  {text}" for name, text in every)

    def difference(self, name: str, before: bytes | None, after: bytes | None) -> None:
        """Write a unified diff."""
        for line in difference(name, before, after):
            style = "bold" if line.startswith(("--- ", "+++ ")) else _COLOURS.get(line[:1], "")
            self.line(line, style, is_code=True)

    def _clean(self, text: str) -> str:
        encoding = self._file.encoding or "utf-8"
        return printable(text).encode(encoding, "backslashreplace").decode(encoding)


def show_made(paper: Paper, project: Path, package: str, *, is_in_repository: bool) -> None:
    """Tell what was made, and what comes next."""
    files = [path for path in project.rglob("*") if path.is_file()]
    shown = _shown(project)
    paper.line(f"Made {shown}: {counted(len(files), 'file')}.", "green")
    paper.line()
    paper.line("Next:")
    begin = [] if is_in_repository else ["git init -b main"]
    activate = r".venv\Scripts\activate" if os.name == "nt" else ". .venv/bin/activate"
    commands = [
        f"cd {shlex.quote(shown)}",
        # Before anything is changed: an update of the project merges with what git knows.
        " && ".join([*begin, "git add .", "git commit -m 'Start from the template'"]),
        f"python -m venv .venv && {activate}",
        "pip install -e '.[test]'",
        "pytest",
        "cp params.example.toml params.toml",
        f"panoply run {package} --params params.toml",
    ]
    for command in commands:
        paper.line(f"  {command}", is_code=True)
    paper.line()
    paper.line(
        "What it reads from is made up: README.md tells what to change, and where. Fill in params.toml before the last command."
    )


def show_growth(paper: Paper, growth: Growth) -> None:
    """Tell what was added, what was there, and what is missing still."""
    paper.line(f"The source is {growth.module.target}.")
    if growth.additions:
        paper.line("Added:", "green")
        paper.pairs((each.name, each.why) for each in growth.additions)
    else:
        paper.line("Nothing was added.")
    if growth.there:
        paper.line("Was there, and is left as it was:")
        paper.lines(growth.there)
    if growth.failed:
        paper.line("Could not be made:", "red")
        paper.pairs(growth.failed)
    if growth.missing:
        paper.line("Still missing; only you can write it:", "yellow")
        paper.pairs(growth.missing)


def show_update(paper: Paper, update: Update) -> None:
    """Tell what would change, with the difference, and what is left."""
    for change in update.changes:
        conflicts = f", {counted(change.conflicts, 'conflict')}" if change.conflicts else ""
        paper.line(f"{change.name}: {_WORDS[change.kind]}{conflicts}", "bold")
        paper.difference(change.name, change.before, change.after)
        paper.line()
    for left in update.left:
        paper.line(f"{left.name}: not touched: {left.why}.", "bold yellow")
        if left.before is not None and left.after is not None:
            paper.difference(left.name, left.before, left.after)
        paper.line()


def show_updated(paper: Paper, update: Update) -> None:
    """Tell what was written, and what comes next."""
    paper.line(f"Updated: {counted(len(update.changes), 'file')}.", "green")
    if update.conflicts:
        paper.line(
            "You and the template have changed the same lines of these; both are marked (<<<<<<<, >>>>>>>):", "red"
        )
        paper.lines(_counted_conflicts(update.conflicts))
    paper.line()
    paper.line("Next:")
    folder = _shown(update.project)
    steps = [
        *([] if folder == "." else [f"cd {shlex.quote(folder)}"]),
        "git diff",
        "pip install -e '.[test]'",
        "pytest",
    ]
    for command in [
        *steps,
        f"git add . && git commit -m {shlex.quote('Update to the template of ' + update.notes.sdk)}",
    ]:
        paper.line(f"  {command}", is_code=True)


def _counted_conflicts(changes: Sequence[Change]) -> list[str]:
    return [f"{change.name}: {counted(change.conflicts, 'place')}" for change in changes]


def _shown(project: Path) -> str:
    """The path from the working folder, where it lies below that."""
    here = Path.cwd()
    return str(project.relative_to(here)) if project.is_relative_to(here) else str(project)
