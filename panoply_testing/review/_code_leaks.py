"""Notes that a credential is where others see it, and what exceptions have in them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from panoply_testing.review._code_places import whole
from panoply_testing.review._code_world import Frame, Leak, World

if TYPE_CHECKING:
    import ast
    from collections.abc import Iterable

    from panoply_testing.review._code_values import Label, Trace, Value

__all__ = ["SINK_WORDS", "leak", "may_raise", "taints_of"]

# What a flow says of its last step.
SINK_WORDS: Final = {
    "log": "it is logged",
    "logging": "it is logged",
    "print": "it is printed",
    "warning": "it is in a warning",
    "progress": "it is in a progress message",
    "raise": "it is in an exception",
    "request": "a library's exception about the request quotes it, and nobody catches that",
    "file": "it is written to a file",
    "process": "it is an argument of a process, which every user of the machine can read",
    "state": "it is in a state or an event",
}


def leak(world: World, frame: Frame, node: ast.AST, kind: str, taints: dict[Label, Trace]) -> None:
    """Note that credentials are where others see them."""
    if not taints:
        return
    if kind == "print" and frame.captured:
        return
    last = world.step(frame, node, SINK_WORDS[kind])
    key = (frame.file.path, last.line, getattr(node, "col_offset", 0) + 1, kind)
    known = world.notes.leaks.get(key)
    traces = {label: (*trace, last) for label, trace in taints.items()}
    if known is not None:
        traces = {**traces, **known.traces}
    label = "" if frame.function is None else frame.function.label
    world.notes.leaks[key] = Leak(*key, function=label, traces=traces)


def taints_of(world: World, frame: Frame, node: ast.AST, values: Iterable[Value]) -> dict[Label, Trace]:
    found: dict[Label, Trace] = {}
    for value in values:
        for label, trace in whole(world, frame, node, value).items():
            found.setdefault(label, trace)
    return found


def may_raise(frame: Frame, taints: dict[Label, Trace]) -> None:
    """An exception with these credentials in it may come from here."""
    for label, trace in taints.items():
        frame.raising[-1].setdefault(label, trace)
