"""What all forms say in the same words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from panoply_testing.report._words import count

if TYPE_CHECKING:
    from panoply_testing.review.model import Finding, Review

__all__ = ["heading", "remedy", "summary", "where"]


def heading(review: Review) -> str:
    """Which project it is of."""
    return " ".join(part for part in (review.project, review.version) if part) or "project"


def where(finding: Finding) -> str:
    """`acme/source.py:41:5`, as far as it is known."""
    place = [finding.path, *(str(number) for number in (finding.line, finding.column) if number)]
    return ":".join(place) if finding.path else ""


def remedy(review: Review, finding: Finding) -> str:
    """What to do about a finding."""
    return finding.fix or review.rule(finding.rule).fix


def summary(review: Review) -> str:
    """The verdict in one sentence."""
    must = sum(review.level(each) == "MUST" for each in review.findings)
    should = len(review.findings) - must
    unchecked = len({each.rule for each in review.unchecked})
    missing = f"{count(unchecked, 'rule')} could not be checked"
    if review.verdict == "findings":
        parts = [f"{count(must, 'thing')} that must be mended"] if must else []
        parts += (
            [
                f"{should} that should be, or needs a reason"
                if must
                else f"{count(should, 'thing')} that should be mended, or needs a reason"
            ]
            if should
            else []
        )
        return f"Not ready: {' and '.join(parts)}{f'; {missing}' if unchecked else ''}."
    if review.verdict == "incomplete":
        needed = len({each.rule for each in review.unchecked if review.level(each) == "MUST"})
        return (
            f"Not reviewed to the end: nothing was found, but {count(needed, 'rule')} that must hold could not be checked. "
            "Mend what is in the way, then review it again."
        )
    kept = count(len(review.kept), "rule")
    more = f"; {missing}" if unchecked else ""
    more += f"; {count(len(review.known), 'finding')} known before" if review.known else ""
    more += f"; {count(len(review.ignored), 'finding')} ignored with a reason" if review.ignored else ""
    more += f"; {count(len(review.left_out), 'rule')} left out" if review.left_out else ""
    return f"Ready: {kept} kept, no new finding{more}." if review.known else f"Ready: {kept} kept, no finding{more}."
