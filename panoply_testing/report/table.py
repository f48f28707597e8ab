"""A source's results as a compact table for a terminal: lines of text, each piece with the colour that it may have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, get_args

from panoply_testing.checks import Level
from panoply_testing.report._words import count, duration, one_line, shortened, wrapped
from panoply_testing.report.model import alike

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from panoply_testing.report.model import CheckResult, Outcome, SensorResult, SourceReport

__all__ = ["Line", "table", "title"]

Line = tuple[tuple[str, str], ...]
"""Pieces of text, each with the name of a colour or "" for none."""

# The columns, in their order: what is counted, what it is called, its colour where there is any of it. All but the first are
# only shown where there is any: whoever looks for the word "failed" shall not find it where nothing did.
_COLUMNS: Final[tuple[tuple[Outcome, str, str], ...]] = (
    ("passed", "passed", "green"),
    ("failed", "failed", "red"),
    ("error", "error", "red"),
    ("warned", "warned", "yellow"),
    ("known issue", "known", "yellow"),
    ("skipped", "skipped", ""),
    ("not run", "not run", ""),
)
_ALWAYS: Final = 1

_INDENT: Final = "  "
# As wide as the longest label, "skipped", and two blanks.
_LABEL: Final = 9
_CELL: Final = 9

# Why a check was skipped says what to provide: it is shown whole, in so many lines at most.
_REASON: Final = 6


def title(source: SourceReport) -> str:
    """What stands above the table."""
    return f"panoply: {one_line(source.name)}"


def table(source: SourceReport, width: int) -> tuple[Line, ...]:
    """The table, in lines of at most `width` characters; those of the counts may need up to 74."""
    return (
        *_counts(source),
        *_singly(source.of("failed"), "failed", "red", width),
        *_singly(source.of("error"), "error", "red", width),
        *_singly(source.of("warned"), "warned", "yellow", width),
        *_singly(source.of("known issue"), "known", "yellow", width),
        *_together(source.of("skipped"), width),
        *_deaf(source.probe, width),
        *_last(source, width),
    )


def _counts(source: SourceReport) -> Iterator[Line]:
    columns = [each for n, each in enumerate(_COLUMNS) if n < _ALWAYS or source.count(each[0])]
    yield ((_INDENT + " " * _LABEL + "".join(f"{label:>{_CELL}}" for _, label, _ in columns), ""),)
    for level in get_args(Level):
        cells = [(source.count(outcome, level), colour) for outcome, _, colour in columns]
        numbers = ((f"{many or '-':>{_CELL}}", colour if many else "") for many, colour in cells)
        yield ((f"{_INDENT}{level:<{_LABEL}}", ""), *numbers)


def _singly(checks: Iterable[CheckResult], label: str, colour: str, width: int) -> Iterator[Line]:
    for check in checks:
        yield _labelled(label, f"{check.name}: {check.gist}" if check.gist else check.name, colour, width)


def _together(checks: Iterable[CheckResult], width: int) -> Iterator[Line]:
    """Checks that were skipped for the same reason share it. It is wrapped; their names are cut to a line."""
    room = width - len(_INDENT) - _LABEL
    for reason, names in alike(checks):
        text = f"{len(names)} checks: {reason}" if len(names) > 1 else f"{names[0]}: {reason}"
        lines = wrapped(text, room)
        if len(lines) > _REASON:
            lines[_REASON - 1 :] = [shortened(" ".join(lines[_REASON - 1 :]), room)]
        if len(names) > 1:
            last = f"{lines[-1]} ({', '.join(names)})"
            lines[-1:] = [last] if len(last) <= room else [lines[-1], shortened(f"({', '.join(names)})", room)]
        for number, line in enumerate(lines):
            yield ((f"{_INDENT}{'' if number else 'skipped':<{_LABEL}}{line}", ""),)


def _deaf(probe: Iterable[SensorResult], width: int) -> Iterator[Line]:
    """What the kit could not hear in its probe of itself: of that, a check that passed says little."""
    for each in probe:
        if each.heard < each.planted:
            note = f" ({each.note})" if each.note else ""
            text = f"{each.name}: {each.heard:,} of {each.planted:,} that were planted were heard{note}"
            yield _labelled("deaf", text, "yellow", width)


def _labelled(label: str, text: str, colour: str, width: int) -> Line:
    return (f"{_INDENT}{label:<{_LABEL}}", colour), (shortened(text, width - len(_INDENT) - _LABEL), "")


def _last(source: SourceReport, width: int) -> Iterator[Line]:
    line, *parts = _in_all(source)
    for part in parts:
        if len(_INDENT) + len(line) + len(f", {part},") > width:
            yield ((f"{_INDENT}{line},", ""),)
            line = part
        else:
            line += f", {part}"
    yield ((f"{_INDENT}{line}", ""),)


def _in_all(source: SourceReport) -> list[str]:
    parts = [f"{source.judged} of {count(len(source.checks), 'check')} judged"]
    if source.runs:
        parts.append(f"{count(len(source.runs), 'run')} in {duration(sum(run.seconds for run in source.runs))}")
        waited = sum(run.waited for run in source.runs)
        if waited:
            parts.append(f"{duration(waited)} not waited for")
    if source.probe and all(each.heard >= each.planted for each in source.probe):
        parts.append(f"{count(len(source.probe), 'sensor')} heard all that was planted")
    if source.seed is not None:
        parts.append(f"seed {source.seed}")
    return parts
