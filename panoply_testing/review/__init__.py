"""The pre-submission review of a source project: what a reviewer would say, said before anybody else has to look.

Facts are gathered first, each in one place; rules are judged from them by functions that touch nothing.

    review = panoply_testing.review.review("path/to/project")
    for finding in review.findings:
        print(finding.rule, finding.path, finding.found)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from panoply_testing.review._review import review
    from panoply_testing.review.model import CannotReview, Finding, Note, Review, Rule, Unchecked

__all__ = ["CannotReview", "Finding", "Note", "Review", "Rule", "Unchecked", "review"]


def __getattr__(name: str) -> Any:
    """Import what is asked for: what a review needs is an extra."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    if name == "review":
        from panoply_testing.review._review import review  # noqa: PLC0415 - see above

        return review
    from panoply_testing.review import model  # noqa: PLC0415 - see above

    return getattr(model, name)
