"""A review as commands of GitHub Actions: each finding becomes an annotation at its line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from panoply_testing.review.formats._words import remedy, summary

if TYPE_CHECKING:
    from collections.abc import Iterator

    from panoply_testing.review.model import Review

__all__ = ["render"]


def render(review: Review) -> str:
    """One command a line, and the verdict."""
    return "\n".join([*_commands(review), summary(review)]) + "\n"


def _commands(review: Review) -> Iterator[str]:
    for finding in review.findings:
        kind = "error" if review.level(finding) == "MUST" else "warning"
        places = {
            "file": f"{review.folder}{finding.path}" if finding.path else "",
            "line": str(finding.line or ""),
            "col": str(finding.column or ""),
            "title": f"panoply review: {finding.rule}",
        }
        yield _command(kind, places, f"{finding.found}\n{remedy(review, finding)}")
    for each in review.unchecked:
        yield _command("notice", {"title": f"panoply review: {each.rule} was not checked"}, each.reason)


def _command(kind: str, properties: dict[str, str], message: str) -> str:
    given = ",".join(f"{name}={_property(value)}" for name, value in properties.items() if value)
    return f"::{kind} {given}::{_data(message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
