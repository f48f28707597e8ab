"""The rule that the data source contract is kept: its own verdicts, taken over word for word."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from panoply_testing.report.model import alike
from panoply_testing.review._environment import needs_of
from panoply_testing.review._module_facts import module_of
from panoply_testing.review._pytest_facts import Ran, contract_of
from panoply_testing.review.model import Finding, Note, Outcome, Rule, Unchecked

if TYPE_CHECKING:
    from collections.abc import Iterator

    from panoply_testing.report.model import CheckResult, SourceReport
    from panoply_testing.review._site import Site

__all__ = ["RULES", "judge", "look"]

KEPT: Final = Rule(
    name="contract_is_kept",
    group="contract",
    level="MUST",
    claim="The source passes the data source contract in strict mode, with the params that the project's tests provide.",
    why="What the contract asks for is what the platform relies on.",
    fix="Run `pytest --panoply-strict` in the project: each failed check says what to do.",
)

RULES: Final = (KEPT,)

# Whatever else is skipped, has its own reason; where this is, nothing could be read.
_ESSENTIAL: Final = "read_ends_with_none"

# As in: acme/source.py:41 in read.
_PLACE: Final = re.compile(r"^(?P<path>[^:]+):(?P<line>\d+)")


def judge(ran: Ran) -> Outcome:
    """Judge what the checks came to."""
    if not ran.sources:
        return Outcome(unchecked=(Unchecked(rule=KEPT.name, reason=f"pytest {ran.problem or 'checked no source'}"),))
    # What an end that came too early has kept from running is nobody's choice.
    checks = [
        (source, check)
        for source in ran.sources
        for check in source.checks
        if not (ran.problem and check.outcome == "not run")
    ]
    findings = tuple(finding for source, check in checks for finding in _finding(source, check))
    unchecked: tuple[Unchecked, ...] = ()
    if ran.problem:
        unchecked = (Unchecked(rule=KEPT.name, reason=f"not to its end: pytest {ran.problem}"),)
    unchecked += tuple(_unread(ran.sources))
    notes = tuple(note for source in ran.sources for note in _notes(source))
    return Outcome(judged=(KEPT.name,), findings=findings, unchecked=unchecked, notes=notes)


def _unread(sources: tuple[SourceReport, ...]) -> Iterator[Unchecked]:
    """Sources that were never read to their end: what there is to say of them is not that they keep the contract."""
    for source in sources:
        for check in source.of("skipped"):
            if check.name == _ESSENTIAL:
                yield Unchecked(rule=KEPT.name, reason=f"{source.name} was not read: {check.reason}")


def _finding(source: SourceReport, check: CheckResult) -> Iterator[Finding]:
    name = f"{check.name} ({check.level})"
    key = f"{source.name}::{check.name}"
    if check.outcome == "not run":
        yield Finding(
            rule=KEPT.name,
            found=f"{name} was not run: the project's settings for pytest leave it out.",
            fix="Let it run. What is known to fail, and has a reason, belongs into panoply_known_issues.",
            key=key,
        )
    elif check.outcome in ("failed", "warned", "error"):
        first = check.findings[0] if check.findings else None
        more = len(check.findings) - 1
        place = _PLACE.match(first.source) if first else None
        yield Finding(
            rule=KEPT.name,
            found=f"{name}: {_sentence(check.gist)}{f' And {more} more of this check.' if more > 0 else ''}",
            path=place["path"] if place else "",
            line=int(place["line"]) if place else 0,
            fix=first.fix if first else f"Repeat it with: {check.again or 'pytest --panoply-strict'}",
            key=key,
        )


def _sentence(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _notes(source: SourceReport) -> Iterator[Note]:
    for check in source.of("known issue"):
        yield Note(rule=KEPT.name, text=f"{check.name} is a known issue: {check.reason.removeprefix('known issue: ')}")
    for reason, names in alike(source.of("skipped")):
        yield Note(rule=KEPT.name, text=f"{', '.join(names)} could not be judged: {reason}")


def look(site: Site) -> Outcome:
    """Run the contract, where the source can be run."""
    reason = site.fact(needs_of).missing
    reason = reason or ("the module cannot be imported" if any(each.problem for each in site.fact(module_of)) else "")
    if reason:
        return Outcome(unchecked=(Unchecked(rule=KEPT.name, reason=reason),))
    return judge(site.fact(contract_of))
