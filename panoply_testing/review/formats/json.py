"""A review as JSON: all of it, under the names that its values have."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Final

from panoply_testing.review.formats._words import summary

if TYPE_CHECKING:
    from panoply_testing.review.model import Review

__all__ = ["VERSION", "render"]

# Raised when something is taken away or changes its meaning.
VERSION: Final = 1


def render(review: Review) -> str:
    """The review, to be read by programs."""
    data = {
        "version": VERSION,
        "verdict": review.verdict,
        "summary": summary(review),
        "exit_code": review.exit_code,
        "kept": review.kept,
        **{("project_version" if name == "version" else name): value for name, value in asdict(review).items()},
    }
    data["seconds"] = dict(review.seconds)
    # For people, and as large as all the rest.
    del data["dossier"]
    return json.dumps(data, indent=1, ensure_ascii=False) + "\n"
