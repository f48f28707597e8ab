"""Each rule of the review, and the ways in which projects break it, or only seem to: what issue and documentation go by.

    WAYS["tag_is_annotated"].broken

Each way is a whole project on disk. `test_ways.py` takes each to the rule that is to tell of it, `matrix.py` to all of them.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from ways._making import Way, Ways, make

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["WAYS", "Way", "Ways", "every_way", "make", "way_of"]

_MODULES = (
    "project",
    "tests",
    "code",
    "leaks",
    "dependencies",
    "packaging",
    "tables",
    "git",
    "release",
    "config",
    "compatibility",
    "egress",
    "stability",
)

WAYS: dict[str, Ways] = {rule: ways for name in _MODULES for rule, ways in import_module(f"ways.{name}").WAYS.items()}


def way_of(rule: str, number: int, *, is_broken: bool) -> Way:
    """One of the ways that break a rule, or of those that do not."""
    return (WAYS[rule].broken if is_broken else WAYS[rule].kept)[number]


def every_way() -> Iterator[tuple[str, int, bool]]:
    """All of them: the rule, the number of the way, and whether it breaks the rule."""
    for rule, ways in WAYS.items():
        for is_broken, some in ((True, ways.broken), (False, ways.kept)):
            yield from ((rule, number, is_broken) for number in range(len(some)))
