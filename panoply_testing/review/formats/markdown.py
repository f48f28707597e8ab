"""A review as Markdown, for a comment on a pull request or an issue."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from panoply_testing.review.formats._words import heading, remedy, summary, where
from panoply_testing.review.model import GROUPS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from panoply_testing.review.model import Finding, Review

__all__ = ["render"]

# What Markdown, or the HTML in it, would take for its own.
_MARKS: Final = re.compile(r"([\\`*_{}\[\]<>#|~&@])")


def render(review: Review) -> str:
    """The verdict, then the findings by their groups, then what was not checked."""
    return "\n".join(_lines(review)) + "\n"


def _lines(review: Review) -> Iterator[str]:
    yield f"## Review of {_text(heading(review))}"
    yield ""
    yield f"**{_text(summary(review))}**"
    groups = [group for group in GROUPS if any(review.rule(each.rule).group == group for each in review.findings)]
    for group in groups:
        yield from ("", f"### {group}", "")
        for finding in review.findings:
            if review.rule(finding.rule).group == group:
                yield _finding(review, finding)
    if review.unchecked:
        yield from ("", "### Not checked", "")
        yield from (f"- `{each.rule}`: {_text(each.reason)}" for each in review.unchecked)
    if review.ignored:
        yield from ("", "### Ignored, with a reason", "")
        yield from (
            f"- `{each.finding.rule}`: {_text(each.finding.found)} Reason: {_text(each.reason)}"
            for each in review.ignored
        )
    if review.notes:
        yield from ("", "### Worth knowing", "")
        yield from (f"- `{each.rule}`: {_text(each.text)}" for each in review.notes)


def _finding(review: Review, finding: Finding) -> str:
    place = f" ({_text(where(finding))})" if finding.path else ""
    return (
        f"- **{review.level(finding)}** `{finding.rule}`{place}: {_text(finding.found)}  \n  "
        f"{_text(remedy(review, finding))}"
    )


def _text(text: str) -> str:
    return _MARKS.sub(r"\\\1", " ".join(text.split()))
