"""What the names in the pattern of a `match` statement stand for."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from panoply_testing.review._code_places import attribute, element, entry

if TYPE_CHECKING:
    from collections.abc import Iterator

    from panoply_testing.review._code_values import Value
    from panoply_testing.review._code_world import Frame, World

__all__ = ["capture"]


def capture(world: World, frame: Frame, pattern: ast.pattern, value: Value) -> None:
    """Give the names in a pattern their values."""
    name = getattr(pattern, "name", None) or getattr(pattern, "rest", None)
    if isinstance(name, str):
        frame.env[name] = value
    for inner, part in _parts(world, frame, pattern, value):
        capture(world, frame, inner, part)


def _parts(world: World, frame: Frame, pattern: ast.pattern, value: Value) -> Iterator[tuple[ast.pattern, Value]]:
    """The patterns within a pattern, and what each of them is about."""
    if isinstance(pattern, ast.MatchMapping):
        for key, inner in zip(pattern.keys, pattern.patterns, strict=True):
            yield inner, entry(world, frame, key, value, world.evaluate(frame, key))
    elif isinstance(pattern, ast.MatchSequence):
        yield from ((inner, element(world, frame, pattern, value)) for inner in pattern.patterns)
    elif isinstance(pattern, ast.MatchClass):
        yield from ((inner, value) for inner in pattern.patterns)
        for name, inner in zip(pattern.kwd_attrs, pattern.kwd_patterns, strict=True):
            yield inner, attribute(world, frame, pattern, value, name)
    elif isinstance(pattern, ast.MatchOr):
        yield from ((inner, value) for inner in pattern.patterns)
    elif isinstance(pattern, ast.MatchAs) and pattern.pattern is not None:
        yield pattern.pattern, value
