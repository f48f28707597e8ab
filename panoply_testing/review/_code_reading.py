"""Reads the code of a source to the end: what credentials come to, which params are read, who calls whom.

The package's modules are read as if they were imported, then what the platform calls (the source's methods, the functions in
CONFIG), then whatever is left; again and again, until nothing new comes to light.
"""

from __future__ import annotations

import ast
from functools import partial
from typing import TYPE_CHECKING, Final

from panoply_testing.review import _code_calls, _code_expressions, _code_statements
from panoply_testing.review._code_leaks import SINK_WORDS
from panoply_testing.review._code_places import bound
from panoply_testing.review._code_values import BOTTOM, CLEAN, Ref, Value, join, reference
from panoply_testing.review._code_world import (
    OPTIONS,
    PARAMS,
    Arguments,
    Exhausted,
    Frame,
    Function,
    Leak,
    Notes,
    World,
)
from panoply_testing.review.model import Step

if TYPE_CHECKING:
    from panoply_testing.review._code import Code

__all__ = ["Reading", "read_code"]

_MOST_ROUNDS: Final = 6

# What an entry of the platform's may let out, nobody is there to catch.
_PUBLIC: Final = frozenset({"__init__", "read", "close", "list_resources", "get_resource"})


class Reading:
    """What was noted, and the world in which it was. To be looked at only."""

    __slots__ = ("_places", "code", "notes", "world")

    def __init__(self, code: Code, world: World) -> None:
        self.code = code
        self.world = world
        self.notes: Notes = world.notes
        self._places: dict[tuple[str, int, int], list[str]] = {}
        for name, path, line, column in self.notes.calls:
            self._places.setdefault((path, line, column), []).append(name)

    def called_at(self, path: str, line: int, column: int) -> list[str]:
        """The names of what is called at a place, as far as it is a library's."""
        return self._places.get((path, line, column), [])

    def sources(self) -> list[str]:
        """The classes that are data sources."""
        return [name for name in self.world.classes if self.world.is_source(name)]

    def methods(self, *names: str) -> set[str]:
        """The functions that these methods of the source are."""
        found = set()
        for class_id in self.sources():
            for name in names:
                value = self.world.in_class(class_id, name)
                found |= _functions_in(value)
        return found

    def reached(self, *starts: str, without: tuple[str, ...] = (), certain: bool = False) -> dict[str, str]:
        """The functions that are called from these, directly or not, each with the one that calls it.

        Args:
            starts: the ids of functions, or of modules with a colon behind them.
            without: functions where it ends.
            certain: not by way of a library that was handed a function.
        """
        called: dict[str, list[str]] = {}
        for (caller, callee), edge in self.notes.edges.items():
            if (edge.certain or not certain) and callee not in without:
                called.setdefault(caller, []).append(callee)
        found = dict.fromkeys(starts, "")
        waiting = list(starts)
        while waiting:
            current = waiting.pop(0)
            new = [each for each in called.get(current, ()) if each not in found]
            found.update(dict.fromkeys(new, current))
            waiting += new
        return found


def _functions_in(value: Value | None) -> set[str]:
    """The functions that something in a class's body stands for: itself, or what its decorators have hidden."""
    if value is None:
        return set()
    found = {ref.name for ref in value.kinds("function", "closure")}
    for ref in value.refs:
        if ref.of is not None and ref.kind in ("static", "classmethod", "property", "partial"):
            found |= _functions_in(ref.of)
    return found


def read_code(code: Code) -> Reading:
    """Read it all."""
    world = World(code)
    world.evaluate = partial(_code_expressions.evaluate, world)
    world.call = partial(_code_calls.call, world)
    world.run = partial(_code_statements.run, world)
    try:
        for _ in range(_MOST_ROUNDS):
            before = _state(world)
            world.changed = False
            world.memo.clear()
            world.contexts.clear()
            world.wide.clear()
            world.called.clear()
            world.notes.leaks.clear()
            world.notes.calls.clear()
            _round(world)
            if not world.changed and _state(world) == before:
                break
    except (Exhausted, RecursionError):
        world.notes.exhausted = True
    return Reading(code, world)


def _state(world: World) -> tuple[object, ...]:
    return (
        tuple(frozenset(env.items()) for env in world.modules.values()),
        frozenset((name, known.bases) for name, known in world.classes.items()),
        frozenset(world.choices),
        frozenset((name, frozenset(values.items())) for name, values in world.mutations.items()),
        len(world.functions),
    )


def _round(world: World) -> None:
    for name in _imported_first(world):
        file = world.files[name]
        frame = Frame(file=file, env=world.modules[name])
        tree = file.tree
        if tree is not None:
            world.run(frame, tree.body)
            for (module, variable), value in world.globals.items():
                if module == name:
                    frame.env[variable] = join(frame.env.get(variable, BOTTOM), value)
    for class_id in list(world.classes):
        if world.is_source(class_id):
            _read_source(world, class_id)
    for choices in sorted(world.choices, key=repr):
        _enter(world, choices, Arguments(positional=[PARAMS, OPTIONS]))
    for function in list(world.functions.values()):
        if function.id not in world.called and not function.is_nested:
            _read_alone(world, function)


def _imported_first(world: World) -> list[str]:
    """Modules in an order in which what is imported was read, as far as there is one."""
    needs = {name: _needs(world, name) for name in world.files}
    order: list[str] = []

    def visit(name: str, above: tuple[str, ...]) -> None:
        if name in order or name in above:
            return
        for other in sorted(needs[name]):
            visit(other, (*above, name))
        order.append(name)

    for name in sorted(needs):
        visit(name, ())
    return order


def _needs(world: World, name: str) -> set[str]:
    file = world.files[name]
    found: set[str] = set()
    for node in ast.walk(file.tree or ast.Module([], [])):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parts = name.split(".")
                up = node.level - 1 if file.is_package else node.level
                base = ".".join([*parts[: len(parts) - up], *([base] if base else [])])
            found |= {base, *(f"{base}.{alias.name}" for alias in node.names)}
    return {each for each in found if each in world.files and each != name}


def _read_source(world: World, class_id: str) -> None:
    """What the platform calls: the constructor first."""
    owner = reference(Ref("instance", class_id))
    known = world.classes[class_id]
    names = ["__init__", *(name for name in known.env if name != "__init__")]
    for name in names:
        value = world.in_class(class_id, name)
        if value is None or not value.kinds("function", "closure", "static", "classmethod", "property", "partial"):
            continue
        frame = Frame(file=known.file, env={}, from_outside=True)
        method = bound(world, frame, value, owner, reference(Ref("class", class_id)), known.node)
        if name == "__init__":
            args = Arguments(positional=[PARAMS, OPTIONS])
        elif name in ("list_resources", "get_resource"):
            args = Arguments(
                positional=[CLEAN] if name == "get_resource" else [], keywords={"source": PARAMS, "options": OPTIONS}
            )
        elif name in ("read", "close") or not _is_called_inside(world, value):
            args = Arguments()
        else:
            continue
        _enter(world, method, args, name if name in _PUBLIC else "")


def _is_called_inside(world: World, value: Value) -> bool:
    return bool(_functions_in(value))


def _enter(world: World, callee: Value, args: Arguments, public: str = "") -> None:
    """Call something as the platform would; what comes out of it, comes to the log."""
    for ref in callee.kinds("function", "closure", "partial", "static"):
        function = _behind(world, ref)
        if function is None:
            continue
        world.called.add(function.id)
        frame = Frame(file=function.file, env=world.modules[function.file.module], from_outside=True)
        _code_calls.call(world, frame, reference(ref), args, function.node)
        if public or args.positional:
            _tell_raised(world, frame, function)


def _tell_raised(world: World, frame: Frame, function: Function) -> None:
    """Note what exceptions hold that nobody catches, where the request is that they tell of."""
    for label, trace in frame.raising[0].items():
        at = next((step for step in reversed(trace) if step.what.endswith("the URL of a request")), trace[-1])
        key = (at.path, at.line, 1, "request")
        last = Step(path=at.path, line=at.line, what=SINK_WORDS["request"])
        traces = dict(world.notes.leaks[key].traces) if key in world.notes.leaks else {}
        traces.setdefault(label, (*trace, last))
        world.notes.leaks[key] = Leak(*key, function=function.label, traces=traces)


def _behind(world: World, ref: Ref) -> Function | None:
    while ref.kind not in ("function", "closure"):
        inner = [] if ref.of is None else ref.of.kinds("function", "closure", "partial", "static", "classmethod")
        if not inner:
            return None
        ref = inner[0]
    return world.functions.get(ref.name)


def _read_alone(world: World, function: Function) -> None:
    """A function that nobody seems to call."""
    spec = function.node.args
    names = [each.arg for each in (*spec.posonlyargs, *spec.args)]
    keywords = {name: value for name, value in (("source", PARAMS), ("options", OPTIONS)) if name in names}
    if function.class_id and names[:1] == ["self"]:
        keywords["self"] = reference(Ref("instance", function.class_id))
    elif function.class_id and names[:1] == ["cls"]:
        keywords["cls"] = reference(Ref("class", function.class_id))
    world.called.add(function.id)
    _code_calls.invoke(world, function, Arguments(keywords=keywords), outer=None, caller=None, node=None)
