"""Verdicts as text for a terminal: what a person reads who has never seen the contract."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from panoply_testing.report._words import sound

if TYPE_CHECKING:
    from collections.abc import Iterator

    from panoply_testing.checks import Check
    from panoply_testing.findings import Finding, Verdict

__all__ = ["explain", "headline"]

WIDTH = 100
LABEL = 10


def explain(check: Check, verdict: Verdict, again: str) -> str:
    """Say what was broken, where, why it matters and what to do.

    Args:
        check: the rule.
        verdict: with at least one finding.
        again: the command that repeats just this check.
    """
    lines = [f"{check.name} ({check.level})", *_wrapped(check.rule, "  ")]
    for finding in verdict.findings:
        lines += ["", *_finding(finding)]
    if verdict.notes:
        lines.append("")
        for note in verdict.notes:
            lines += _wrapped(note, "  ")
    lines += ["", *_labelled("why", check.why), *_labelled("again", again, wrap=False)]
    return sound("\n".join(lines))


def headline(verdict: Verdict) -> str:
    """The first finding in one line: what pytest's summary shows of a failure."""
    return sound(textwrap.shorten(verdict.findings[0].gist, WIDTH, placeholder=" ..."))


def _finding(finding: Finding) -> Iterator[str]:
    place = finding.place
    at_a_time = place.startswith(("after ", "importing "))
    yield from _wrapped(f"{place[0].upper()}{place[1:]}:" if at_a_time else f"At {place}:", "  ")
    yield from _labelled("expected", finding.expected)
    yield from _labelled("received", finding.received)
    if finding.source:
        yield from _labelled("source", finding.source, wrap=False)
    for number, line in enumerate(finding.detail):
        yield from _labelled("stack" if number == 0 else "", line, wrap=False)
    yield from _labelled("to do", finding.fix)


def _labelled(label: str, text: str, *, wrap: bool = True) -> list[str]:
    head = f"    {label:<{LABEL}}"
    if not wrap:
        return [head + text]
    # Text of the source's own (an exception's message) may have lines of its own.
    lines = [part for line in text.splitlines() for part in _lines(line, WIDTH - len(head)) or [""]]
    return [(head if number == 0 else " " * len(head)) + line for number, line in enumerate(lines or [""])]


def _wrapped(text: str, indent: str) -> list[str]:
    return [indent + line for line in _lines(text, WIDTH - len(indent))]


def _lines(text: str, width: int) -> list[str]:
    # Not at hyphens: the options that a text names are there to be copied.
    return textwrap.wrap(text, width, break_on_hyphens=False)
