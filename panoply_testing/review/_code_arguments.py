"""What a call passes on, and what it changes in a dict or a list whose method it is."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from panoply_testing.review._code_places import element, entry, set_entry
from panoply_testing.review._code_values import (
    CLEAN,
    Value,
    constant,
    container,
    join,
    joined,
)
from panoply_testing.review._code_world import Arguments, Frame, World

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["CHANGES", "arguments", "merged"]


def arguments(world: World, frame: Frame, node: ast.Call) -> Arguments:
    """What a call passes on."""
    found = Arguments()
    for each in node.args:
        if not isinstance(each, ast.Starred):
            if found.star is None:
                found.positional.append(world.evaluate(frame, each))
            else:
                found.star = join(found.star, world.evaluate(frame, each))
            continue
        value = world.evaluate(frame, each.value)
        known = sorted(key for key in value.items if isinstance(key, int))
        if found.star is None and known == list(range(len(known))) and known:
            found.positional += [value.items[index] for index in known]
            if value.rest is not None:
                found.star = value.rest
        else:
            inner = element(world, frame, each, value)
            found.star = inner if found.star is None else join(found.star, inner)
    for keyword in node.keywords:
        value = world.evaluate(frame, keyword.value)
        if keyword.arg is not None:
            found.keywords[keyword.arg] = value
        else:
            _spread(found, value)
    return found


def _spread(found: Arguments, value: Value) -> None:
    """`**value`."""
    for name, inner in value.items.items():
        if isinstance(name, str) and not name.startswith("."):
            found.keywords.setdefault(name, inner)
    if value.kinds("params", "any_param", "options", "param") or value.rest is not None or value.is_bottom:
        found.kwrest = value if found.kwrest is None else join(found.kwrest, value)
    elif not value.items and not value.depth:
        found.kwrest = found.kwrest or CLEAN


# What changes that which it is called on, and what it then holds.
def _appended(world: World, frame: Frame, node: ast.Call, value: Value, args: Arguments) -> Value:
    return value.with_rest(joined(args.positional)) if args.positional else value


def _extended(world: World, frame: Frame, node: ast.Call, value: Value, args: Arguments) -> Value:
    return (
        value.with_rest(joined(element(world, frame, node, each) for each in args.positional))
        if args.positional
        else value
    )


def _updated(world: World, frame: Frame, node: ast.Call, value: Value, args: Arguments) -> Value:
    found = value
    for each in args.positional[:1]:
        found = merged(found, each)
    for name, inner in args.keywords.items():
        found = found.with_item(name, inner)
    if args.kwrest is not None:
        found = merged(found, args.kwrest)
    if value.kinds("params"):
        world.notes.writes |= {name for name in found.items if isinstance(name, str)}
    return found


def _defaulted(world: World, frame: Frame, node: ast.Call, value: Value, args: Arguments) -> Value:
    key = args.get(0)
    if key is None or (value.kinds("params") and key.text() is not None and world.is_credential(key.text() or "")):
        return value
    name = key.text()
    if value.kinds("params") and name is not None:
        world.notes.writes.add(name)
        return value
    known = entry(world, frame, node, value, key)
    return set_entry(world, value, key, join(known, args.get(1) or constant(None)))


def _popped(world: World, frame: Frame, node: ast.Call, value: Value, args: Arguments) -> Value:
    key = args.get(0)
    name = None if key is None else key.text()
    return value if name is None else value.with_item(name, CLEAN)


def _emptied(world: World, frame: Frame, node: ast.Call, value: Value, args: Arguments) -> Value:
    return Value(refs=frozenset(ref for ref in value.refs if ref.kind != "params"))


CHANGES: Final[dict[str, Callable[[World, Frame, ast.Call, Value, Arguments], Value]]] = {
    "append": _appended,
    "appendleft": _appended,
    "add": _appended,
    "insert": _appended,
    "extend": _extended,
    "update": _updated,
    "setdefault": _defaulted,
    "pop": _popped,
    "clear": _emptied,
}


def merged(one: Value, other: Value) -> Value:
    """`{**one, **other}`: what is in the other one replaces what is in the first."""
    items = {**one.items, **other.items}
    if other.kinds("params"):
        items = dict(other.items)
    rest = one.rest if other.rest is None else other.rest if one.rest is None else join(one.rest, other.rest)
    like = Value(taints={**one.taints, **other.taints}, refs=one.refs | other.refs)
    return container(items, rest, like=like)
