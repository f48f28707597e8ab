"""The forms in which a review can be written down, each in a module with `render(review)`; imported when asked for."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

from panoply_testing.report._words import printable, sound

if TYPE_CHECKING:
    from panoply_testing.review.model import Review

__all__ = ["FORMATS", "rendered"]

# For each its module here, and what it is for.
FORMATS: Final = {
    "text": ("text", "for people"),
    "json": ("json", "for programs, and for --baseline"),
    "github": ("github", "annotations in a workflow of GitHub Actions"),
    "junit": ("junit", "test results, for CI"),
    "sarif": ("sarif", "SARIF 2.1.0, for code scanning"),
    "html": ("html", "the dossier: all that a reviewer has to know, in one file"),
    "markdown": ("markdown", "for a comment or an issue"),
}

_ESCAPED: Final = ("json", "sarif", "junit", "html")


def rendered(review: Review, form: str) -> str:
    """The review in one of the forms, as text that ends with a line end."""
    text: str = import_module(f"{__name__}.{FORMATS[form][0]}").render(review)
    # What a stranger's files are called, and what their code says, may be anything. The others have escapes of their own.
    return sound(text) if form in _ESCAPED else printable(sound(text))
