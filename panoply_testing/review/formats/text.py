"""A review for a person in front of a terminal: by groups, the worst one first, each finding with its place and what to do."""

from __future__ import annotations

import io
from itertools import zip_longest
from typing import TYPE_CHECKING, Final

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from panoply.cli._text import in_one_line
from panoply_testing.review.formats._words import heading, remedy, summary, where
from panoply_testing.review.model import GROUPS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from panoply_testing.review.model import Finding, Group, Review, Rule

__all__ = ["draw", "draw_list", "draw_rule", "render"]

_COLOURS: Final = {"MUST": "red", "SHOULD": "yellow"}
_VERDICTS: Final = {"ready": "bold green", "findings": "bold red", "incomplete": "bold yellow"}

# Longer lines are hard to read.
_WIDEST: Final = 110

_WIDTH: Final = 100


def render(review: Review) -> str:
    """The review as plain text."""
    paper = io.StringIO()
    draw(review, Console(file=paper, width=_WIDTH, force_terminal=False, color_system=None))
    # What is indented, is filled up with blanks.
    return "".join(f"{line.rstrip()}\n" for line in paper.getvalue().splitlines())


def draw(review: Review, console: Console) -> None:
    """Draw it, in colours where the console has some."""
    module = f" ({review.module})" if review.module else ""
    _say(console, Text.assemble((in_one_line(heading(review)), "bold"), module))
    for group in _worst_first(review):
        console.print()
        _say(console, Text(group, style="bold underline"))
        those = [each for each in review.findings if review.rule(each.rule).group == group]
        for finding, after in zip_longest(those, those[1:]):
            # What is to be done about all of them alike is told once, below the last one.
            alike = (
                after is not None and after.rule == finding.rule and remedy(review, after) == remedy(review, finding)
            )
            _finding(console, review, finding, tells_remedy=not alike)
    # What keeps a rule from being judged that has to hold, may keep others from it as well: it is told once.
    in_the_way = {each.reason for each in review.unchecked if review.level(each) == "MUST"}
    for title, is_needed in (("not checked, and in the way", True), ("not checked", False)):
        rows = [each for each in review.unchecked if (each.reason in in_the_way) is is_needed]
        _section(console, title, ((each.rule, each.reason) for each in rows))
    _section(
        console,
        "ignored, with a reason",
        ((each.finding.rule, f"{each.finding.found} Reason: {each.reason}") for each in review.ignored),
    )
    if review.known:
        _section(console, "known from the baseline", ((each.rule, each.found) for each in review.known))
    _section(console, "worth knowing", ((each.rule, each.text) for each in review.notes))
    console.print()
    _say(console, Text(summary(review), style=_VERDICTS[review.verdict]))
    slowest = max(review.seconds, key=lambda each: each[1], default=("", 0.0))
    took = f"Took {review.duration:.1f} s" + (f", most of it for {slowest[0]}" if slowest[0] else "")
    rules = sorted({each.rule for each in review.findings}, key=[each.name for each in review.rules].index)
    more = f" `panoply review --explain {rules[0]}` tells why." if rules else ""
    _say(console, Text(f"{took}.{more}", style="dim"))


def draw_list(rules: Iterable[Rule], console: Console) -> None:
    """The names of all rules, each with its level and claim."""
    before: Group | None = None
    for rule in rules:
        if rule.group != before:
            if before is not None:
                console.print()
            _say(console, Text(rule.group, style="bold underline"))
            before = rule.group
        _say(console, Text.assemble("  ", (f"{rule.level:<6} ", _COLOURS[rule.level]), (rule.name, "bold")))
        _say(console, Text(rule.claim), indent=9)


def draw_rule(rule: Rule, console: Console) -> None:
    """All there is to say of one rule."""
    _say(console, Text.assemble((rule.name, "bold"), "  ", (rule.level, _COLOURS[rule.level]), f"  ({rule.group})"))
    for label, text in (("", rule.claim), ("Why: ", rule.why), ("What to do: ", rule.fix)):
        console.print()
        _say(console, Text.assemble((label, "bold"), text), indent=2)
    console.print()
    reason = f'ignore = {{ {rule.name} = "..." }} below [tool.panoply.review] in pyproject.toml'
    _say(console, Text.assemble(("To ignore it, with the reason: ", "bold"), reason), indent=2)


def _worst_first(review: Review) -> list[Group]:
    """The groups that have findings: those with a broken MUST before the others."""
    worst = dict.fromkeys(GROUPS, 2)
    for finding in review.findings:
        rule = review.rule(finding.rule)
        worst[rule.group] = min(worst[rule.group], 0 if rule.level == "MUST" else 1)
    return sorted((group for group in GROUPS if worst[group] < 2), key=lambda group: worst[group])


def _finding(console: Console, review: Review, finding: Finding, *, tells_remedy: bool) -> None:
    level = review.level(finding)
    place = in_one_line(where(finding))
    _say(
        console,
        Text.assemble(
            "  ", (f"{level:<6} ", f"bold {_COLOURS[level]}"), (finding.rule, "bold"), f"  {place}" if place else ""
        ),
    )
    _say(console, Text(in_one_line(finding.found)), indent=9)
    for step in finding.flow:
        _say(console, Text(in_one_line(f"{step.path}:{step.line}  {step.what}"), style="dim"), indent=11)
    if tells_remedy:
        _say(console, Text.assemble(("to do: ", "dim"), in_one_line(remedy(review, finding))), indent=9)


def _section(console: Console, title: str, rows: Iterable[tuple[str, str]]) -> None:
    """What has the same text is told once."""
    alike: dict[str, list[str]] = {}
    for name, text in rows:
        names = alike.setdefault(in_one_line(text), [])
        if name not in names:
            names.append(name)
    if not alike:
        return
    console.print()
    _say(console, Text(title, style="bold underline"))
    for text, names in alike.items():
        _say(console, Text.assemble((", ".join(names), "bold"), f": {text}"), indent=2)


def _say(console: Console, text: Text, indent: int = 0) -> None:
    # What is there to be copied, a path or a command, is not broken at its hyphens.
    padded = Padding(text, (0, 0, 0, indent), expand=False)
    console.print(padded, width=min(console.width, _WIDEST), highlight=False, markup=False)
