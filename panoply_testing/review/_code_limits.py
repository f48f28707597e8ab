"""Judges calls of the network: whether each has a time limit, and whether any is made before anybody asked to read."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Final

from panoply_testing.review._code_network import limit_of, works
from panoply_testing.review._code_values import Value
from panoply_testing.review.model import Finding, Step

if TYPE_CHECKING:
    from collections.abc import Iterable

    from panoply_testing.review._code_network import Limit
    from panoply_testing.review._code_reading import Reading
    from panoply_testing.review._code_values import Ref
    from panoply_testing.review._code_world import LibraryCall

__all__ = ["judge_constructor", "judge_limits"]

_NONE: Final = frozenset({None})


def judge_limits(reading: Reading) -> list[Finding]:
    """A finding for each call that may wait for ever."""
    std_is_set = any(name == "socket.setdefaulttimeout" for name, *_ in reading.notes.calls)
    found: dict[tuple[str, int], Finding] = {}
    for (name, path, line, column), calls in sorted(reading.notes.calls.items(), key=lambda item: item[0][1:]):
        limit = limit_of(name)
        if limit is None or (limit.is_std and std_is_set):
            continue
        problem = next(filter(None, (_problem(reading, limit, call) for call in calls)), "")
        if problem:
            found.setdefault(
                (path, line),
                Finding(
                    rule="calls_have_time_limits",
                    found=f"{_shown(name)} {problem}, in {calls[0].function or 'the module'}.",
                    path=path,
                    line=line,
                    column=column,
                    fix="" if limit.never else f"Give it {limit.keywords[0]}=SECONDS.",
                    key=f"{calls[0].function}:{name}",
                ),
            )
    return [*found.values(), *_sockets(reading)]


def _shown(name: str) -> str:
    """`requests.Session().get` as one would say it."""
    return f"{name}()"


def _problem(reading: Reading, limit: Limit, call: LibraryCall) -> str:
    args = call.arguments
    if limit.never:
        return "can be given no time limit"
    given = args.get(limit.position, *limit.keywords)
    if given is not None:
        # A param that has a default of None, and was left out here; or one limit to connect, and none for the answer.
        parts = [given, *(given.items[index] for index in (0, 1) if index in given.items)]
        return "is told to wait for ever" if any(part.consts == _NONE for part in parts) else ""
    if limit.default or args.kwrest is not None or (args.star is not None and limit.position >= 0):
        return ""
    if any(_mentions(value, limit.keywords) for value in args.all()) or _is_set_elsewhere(reading, call):
        return ""
    return "has no time limit"


def _mentions(value: Value, keywords: tuple[str, ...]) -> bool:
    """Whether a text says it: `connect_timeout=10` in a DSN."""
    return any(isinstance(each, str) and any(keyword in each for keyword in keywords) for each in value.consts or ())


def _is_set_elsewhere(reading: Reading, call: LibraryCall) -> bool:
    """By the session: an adapter that it has mounted, a method that it overrides, an argument that it was made with."""
    receiver = call.receiver
    verb = call.name.rpartition(".")[2]
    overridden = (
        reading.world.in_class(ref.name, name)
        for ref in receiver.kinds("instance")
        for name in ("request", "send", "get_connection", "__init__", verb)
    )
    if any(_speaks_of_limits(reading, each) for each in overridden):
        return True
    if _is_mounted(reading, receiver.items.get(".mounted", Value())):
        return True
    replaced = (ref for name in ("request", "send", verb) for ref in receiver.items.get(f".{name}", Value()).refs)
    if any(_brings_limit(ref) for ref in replaced):
        return True
    # urllib3's pools take it when they are made.
    return any(_made_with_limit(reading, ref.name) for ref in receiver.kinds("object"))


def _brings_limit(ref: Ref) -> bool:
    """Whether a method was replaced by one that has a time limit: `session.request = partial(session.request, timeout=20)`."""
    if ref.kind == "partial":
        return any(key == "timeout" for key, _ in ref.more[1])
    return ref.kind in ("function", "closure")


def _is_mounted(reading: Reading, mounted: Value) -> bool:
    """Whether an adapter of the session's speaks of time limits."""
    world = reading.world
    for ref in mounted.kinds("instance"):
        bodies = [world.classes[each].node for each in world.ancestors(ref.name)]
        if any("timeout" in ast.unparse(body).lower() for body in bodies):
            return True
    return any("timeout" in ref.name.lower() for ref in mounted.kinds("object"))


def _made_with_limit(reading: Reading, name: str) -> bool:
    if not name.startswith("urllib3."):
        return False
    calls = [call for key, noted in reading.notes.calls.items() if key[0] == name for call in noted]
    return bool(calls) and all("timeout" in call.arguments.keywords for call in calls)


def _speaks_of_limits(reading: Reading, value: Value | None) -> bool:
    if value is None:
        return False
    functions = [
        reading.world.functions[ref.name] for ref in value.kinds("function") if ref.name in reading.world.functions
    ]
    return any("timeout" in ast.unparse(function.node).lower() for function in functions)


_BLOCKING: Final = re.compile(r"socket\.(?:socket|create_connection)\(\)\.(?:settimeout|setblocking)")


def _sockets(reading: Reading) -> Iterable[Finding]:
    """A bare socket waits for ever unless it is told otherwise; any does once it is told to."""
    for (name, path, line, column), calls in sorted(reading.notes.calls.items(), key=lambda item: item[0]):
        if not _BLOCKING.fullmatch(name):
            continue
        wanted = _NONE if name.endswith("settimeout") else frozenset({True})
        if any((call.arguments.get(0) or Value()).consts == wanted for call in calls):
            yield Finding(
                rule="calls_have_time_limits",
                found="A socket is told to wait for ever.",
                path=path,
                line=line,
                column=column,
                key=f"{calls[0].function}:{name}",
            )
    names = {name for name, *_ in reading.notes.calls}
    if names & {"socket.socket().settimeout", "socket.socket().setblocking", "socket.setdefaulttimeout"}:
        return
    for name, path, line, column in sorted(reading.notes.calls):
        if name == "socket.socket().connect":
            yield Finding(
                rule="calls_have_time_limits",
                found="A socket is connected, and nobody gave it a time limit.",
                path=path,
                line=line,
                column=column,
                fix="Call settimeout(SECONDS) before connect().",
                key=name,
            )


def judge_constructor(reading: Reading) -> list[Finding]:
    """A finding for each call of the network that is made by constructing the source, or by importing it."""
    lazy = tuple(name for name, function in reading.world.functions.items() if _is_generator(function.node))
    constructors = reading.methods("__init__")
    starts = {
        **dict.fromkeys(constructors, "the constructor"),
        **{f"{name}:": "importing the module" for name in reading.world.files},
    }
    found: dict[tuple[str, int], Finding] = {}
    for start, who in sorted(starts.items()):
        reached = reading.reached(start, without=lazy, certain=True)
        for key, noted in sorted(reading.notes.calls.items(), key=lambda item: item[0][1:]):
            name, path, line, column = key
            by = next((call.place for call in noted if call.place in reached), None)
            if by is None or not works(name):
                continue
            found.setdefault(
                (path, line),
                Finding(
                    rule="constructor_does_no_work",
                    found=f"{_shown(name)} is called by {who}, before anybody reads.",
                    path=path,
                    line=line,
                    column=column,
                    flow=_way(reading, reached, by, name, path, line),
                    key=f"{by}:{name}",
                ),
            )
    return [*found.values(), *_endless(reading, constructors)]


def _is_generator(node: ast.AST) -> bool:
    """Whether calling a function does nothing yet."""
    waiting = list(getattr(node, "body", [])) if not isinstance(node, ast.Lambda) else []
    while waiting:
        each = waiting.pop()
        if isinstance(each, ast.Yield | ast.YieldFrom):
            return True
        if not isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            waiting += ast.iter_child_nodes(each)
    return isinstance(node, ast.AsyncFunctionDef)  # nor does that of a coroutine


def _way(reading: Reading, reached: dict[str, str], by: str, name: str, path: str, line: int) -> tuple[Step, ...]:
    steps = [Step(path=path, line=line, what=f"{name}() is called")]
    while reached.get(by):
        edge = reading.notes.edges[reached[by], by]
        steps.append(Step(path=edge.path, line=edge.line, what=f"{by.partition(':')[2]}() is called"))
        by = reached[by]
    return tuple(reversed(steps))


def _endless(reading: Reading, constructors: set[str]) -> Iterable[Finding]:
    for name in sorted(constructors):
        function = reading.world.functions.get(name)
        for node in [] if function is None else ast.walk(function.node):
            is_endless = isinstance(node, ast.While) and isinstance(node.test, ast.Constant) and bool(node.test.value)
            if function is None or not is_endless:
                continue
            if not any(isinstance(each, ast.Break | ast.Return | ast.Raise) for each in ast.walk(node)):
                yield Finding(
                    rule="constructor_does_no_work",
                    found="The constructor has a loop that never ends.",
                    path=function.file.path,
                    line=getattr(node, "lineno", 0),
                    key=f"{name}:loop",
                )
