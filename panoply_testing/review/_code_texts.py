"""What becomes of credentials in texts: put together, formatted, taken apart."""

from __future__ import annotations

import string
from typing import TYPE_CHECKING, Any, Final

from panoply_testing.review._code_leaks import leak, may_raise, taints_of
from panoply_testing.review._code_libraries import PASSING_METHODS
from panoply_testing.review._code_places import attribute, entry, whole
from panoply_testing.review._code_values import (
    BOTTOM,
    CLEAN,
    Label,
    Trace,
    Value,
    constant,
    container,
    join,
    stepped,
    text,
)
from panoply_testing.review._code_world import Arguments, Frame, World

if TYPE_CHECKING:
    import ast
    from collections.abc import Callable

__all__ = ["formatted", "is_cut", "of_text"]


def of_text(world: World, frame: Frame, receiver: Value, name: str, args: Arguments, node: ast.AST) -> Value:
    """What a method of a text gives: with what is in the text, but for what is replaced in it."""
    if name in _OF_LIBRARIES:
        return _OF_LIBRARIES[name](world, frame, receiver, args, node)
    if receiver.kinds("object") and f".{name}" in receiver.items:
        return receiver.items[f".{name}"]  # `future.result()`
    if name in ("format", "format_map"):
        return _filled_in(world, frame, receiver, name, args, node)
    return _changed(world, frame, receiver, name, args, node)


def _changed(world: World, frame: Frame, receiver: Value, name: str, args: Arguments, node: ast.AST) -> Value:
    taints = {} if receiver.kinds("object") else dict(receiver.taints)
    if name == "replace" and args.positional:
        for label in taints_of(world, frame, node, args.positional[:1]):
            taints.pop(label, None)
        return text(taints | taints_of(world, frame, node, args.positional[1:2]))
    if name in PASSING_METHODS and not receiver.depth:
        return text({**taints_of(world, frame, node, args.all()), **taints})
    if taints and name == "get" and not receiver.depth:
        return entry(world, frame, node, receiver, args.get(0) or CLEAN)
    if taints and name in ("split", "rsplit", "partition", "rpartition"):
        return _taken_apart(receiver, args)
    return text(taints)


def _raise_for_status(world: World, frame: Frame, receiver: Value, args: Arguments, node: ast.AST) -> Value:
    """Its exception quotes the URL; aiohttp's knows the headers, too."""
    told = receiver.items.get(".url", CLEAN)
    if any(ref.name.startswith("aiohttp") for ref in receiver.kinds("object")):
        told = join(told, receiver.items.get(".request", CLEAN).items.get(".headers", CLEAN))
    may_raise(frame, told.all_taints())
    return CLEAN


def _add_note(world: World, frame: Frame, receiver: Value, args: Arguments, node: ast.AST) -> Value:
    leak(world, frame, node, "raise", taints_of(world, frame, node, args.all()))
    return CLEAN


def _prepared(world: World, frame: Frame, receiver: Value, args: Arguments, node: ast.AST) -> Value:
    """`request.prepare()`, `session.prepare_request(request)`."""
    return args.get(0) or receiver


_OF_LIBRARIES: Final[dict[str, Callable[[World, Frame, Value, Arguments, ast.AST], Value]]] = {
    "raise_for_status": _raise_for_status,
    "add_note": _add_note,
    "prepare": _prepared,
    "prepare_request": _prepared,
}


def _filled_in(world: World, frame: Frame, receiver: Value, name: str, args: Arguments, node: ast.AST) -> Value:
    words = receiver.text()
    if words is None:
        return text(taints_of(world, frame, node, [receiver, *args.all()]))
    return text(_formatted(world, frame, words, _for_format(name, args), node))


def _taken_apart(receiver: Value, args: Arguments) -> Value:
    """What follows the `@` of a URL or a DSN is the host, and no secret."""
    whole_text = text(receiver.taints)
    separator = args.get(0, "sep")
    if separator is not None and separator.text() == "@":
        return container({0: whole_text, 1: CLEAN, 2: CLEAN, -1: CLEAN}, None)
    return container({}, whole_text)


def _for_format(name: str, args: Arguments) -> Arguments:
    if name == "format" or not args.positional:
        return args
    return Arguments(kwrest=args.positional[0])


def _formatted(world: World, frame: Frame, words: str, args: Arguments, node: ast.AST) -> dict[Label, Trace]:
    """The credentials that a text has in it once its fields are filled in: those that the fields name, and no others."""
    found: dict[Label, Trace] = {}
    automatic = 0
    try:
        fields = list(string.Formatter().parse(words))
    except ValueError:
        return taints_of(world, frame, node, args.all())
    for _, name, spec, _ in fields:
        if name is None or is_cut(spec or ""):
            continue
        first, rest = _field(name)
        if first == "":
            first, automatic = str(automatic), automatic + 1
        value = _named(world, frame, args, first, node)
        for is_attribute, key in rest:
            value = (
                attribute(world, frame, node, value, str(key))
                if is_attribute
                else entry(world, frame, node, value, constant(key))
            )
        found |= {label: trace for label, trace in whole(world, frame, node, value).items() if label not in found}
    return dict(stepped(text(found), world.step(frame, node, "it is put into a text")).taints)


def _field(name: str) -> tuple[str, list[tuple[bool, Any]]]:
    """`0[url].host` taken apart."""
    head = name.replace("[", ".[").split(".")
    rest: list[tuple[bool, Any]] = []
    for part in head[1:]:
        inner = part.strip("[]")
        rest.append((not part.startswith("["), int(inner) if inner.isdecimal() else inner))
    return head[0], rest


def _named(world: World, frame: Frame, args: Arguments, name: str, node: ast.AST) -> Value:
    if name.isdecimal():
        return args.get(int(name)) or args.star or CLEAN
    if name in args.keywords:
        return args.keywords[name]
    return CLEAN if args.kwrest is None else entry(world, frame, node, args.kwrest, constant(name), "format")


def is_cut(spec: str) -> bool:
    """Whether a format keeps so little of a text that it gives nothing away: `.4`."""
    digits = spec.rpartition(".")[2].rstrip("s") if "." in spec else ""
    return digits.isdecimal() and int(digits) <= 8


def formatted(world: World, frame: Frame, words: str | None, value: Value, node: ast.AST) -> Value:
    """`words % value`."""
    if words is not None and "%(" in words:
        found = BOTTOM
        for part in words.split("%(")[1:]:
            found = join(found, entry(world, frame, node, value, constant(part.partition(")")[0]), "%"))
        taints = whole(world, frame, node, found)
    else:
        taints = whole(world, frame, node, value)
    return stepped(text(taints), world.step(frame, node, "it is put into a text"))
