"""Verdicts as text for a terminal: what a person reads who has never seen the contract."""

from __future__ import annotations

import textwrap
from itertools import takewhile
from typing import TYPE_CHECKING

from panoply_testing.report._words import sound

if TYPE_CHECKING:
    from collections.abc import Iterator

    from panoply_testing.checks import Check
    from panoply_testing.findings import Finding, Verdict

__all__ = ["WIDTH", "explain", "headline"]

# Longer lines are hard to read; in shorter ones, a label leaves too little room for its text.
WIDTH = 100
NARROWEST = 60
LABEL = 10


def explain(check: Check, verdict: Verdict, again: str, width: int = WIDTH) -> str:
    """Say what was broken, where, why it matters and what to do.

    Args:
        check: the rule.
        verdict: with at least one finding.
        again: the command that repeats just this check.
        width: characters that the terminal has on a line. What is there to be copied is not wrapped.
    """
    width = max(NARROWEST, min(width, WIDTH))
    lines = [f"{check.name} ({check.level})", *_wrapped(check.rule, "  ", width)]
    before = ""
    for finding in verdict.findings:
        lines += ["", *_finding(finding, before, width)]
        if finding.replay:
            lines += _labelled("just this", finding.again(again))
        before = finding.fix
    if verdict.notes:
        lines.append("")
        for note in verdict.notes:
            lines += _wrapped(note, "  ", width)
    lines += ["", *_labelled("why", check.why, width), *_labelled("again", again)]
    return sound("\n".join(lines))


def headline(verdict: Verdict) -> str:
    """The first finding in one line: what pytest's summary shows of a failure."""
    return sound(textwrap.shorten(verdict.findings[0].gist, WIDTH, placeholder=" ..."))


def _finding(finding: Finding, before: str, width: int) -> Iterator[str]:
    place = finding.place
    at_a_time = place.startswith(("after ", "importing "))
    yield from _wrapped(f"{place[0].upper()}{place[1:]}:" if at_a_time else f"At {place}:", "  ", width)
    yield from _labelled("expected", finding.expected, width)
    yield from _labelled("received", finding.received, width)
    if finding.source:
        yield from _labelled("source", finding.source)
    for number, line in enumerate(finding.detail):
        yield from _labelled("stack" if number == 0 else "", line)
    yield from _labelled("to do", _not_again(finding.fix, before), width)


def _not_again(text: str, before: str) -> str:
    """The text, without the sentences with which the one before it began, too: read once, they are known."""
    own, known = text.split(". "), before.split(". ")
    same = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(own, known, strict=False)))
    return f"The same. {'. '.join(own[same:])}".rstrip() if same else text


def _labelled(label: str, text: str, width: int | None = None) -> list[str]:
    head = f"    {label:<{LABEL}}"
    if width is None:
        return [head + text]
    # Text of the source's own (an exception's message) may have lines of its own.
    lines = [part for line in text.splitlines() for part in _lines(line, width - len(head)) or [""]]
    return [(head if number == 0 else " " * len(head)) + line for number, line in enumerate(lines or [""])]


def _wrapped(text: str, indent: str, width: int) -> list[str]:
    return [indent + line for line in _lines(text, width - len(indent))]


def _lines(text: str, width: int) -> list[str]:
    # Not at hyphens: the options that a text names are there to be copied.
    return textwrap.wrap(text, width, break_on_hyphens=False)
