"""Getting at parts of values, and changing them: attributes, entries, elements; and what a text made of a value has in it."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any, Final

from panoply.config import names_a_credential
from panoply_testing.review._code_libraries import SECRET_ATTRIBUTES, canonical
from panoply_testing.review._code_values import (
    BOTTOM,
    CLEAN,
    Label,
    Ref,
    Trace,
    Value,
    constant,
    container,
    join,
    joined,
    reference,
    stepped,
    text,
)
from panoply_testing.review._code_world import ANY_PARAM, OPTIONS, PARAMS, Arguments, Frame, World

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["attribute", "attributes_of", "bound", "element", "entry", "mutate", "new_object", "set_entry", "whole"]

# What is kept of a credential where a short part is cut out of it.
SHORT: Final = 8

_DEEPEST_NAME: Final = 3


def new_object(name: str) -> Value:
    """What a call of a library's function gave."""
    return reference(Ref("object", name)) if name and name.count("()") < _DEEPEST_NAME else CLEAN


def bound(world: World, frame: Frame, value: Value, owner: Value, owner_class: Value, node: ast.AST) -> Value:
    """What stands in a class, as it is had from an object (`owner`) or, where that is bottom, from the class itself."""
    found = Value(
        taints=value.taints,
        items=value.items,
        rest=value.rest,
        refs=frozenset(ref for ref in value.refs if ref.kind not in _DESCRIPTORS),
        consts=value.consts,
        depth=value.depth,
    )
    for ref in value.kinds(*_DESCRIPTORS):
        if ref.kind in ("function", "closure"):
            one = (
                reference(ref) if owner.is_bottom else reference(Ref("partial", of=reference(ref), more=((owner,), ())))
            )
        elif ref.kind == "static":
            one = ref.of or CLEAN
        elif ref.kind == "classmethod":
            one = reference(Ref("partial", of=ref.of, more=((owner_class,), ())))
        else:
            one = CLEAN if owner.is_bottom else world.call(frame, ref.of or CLEAN, Arguments(positional=[owner]), node)
        found = join(found, one)
    return found


_DESCRIPTORS: Final = ("function", "closure", "static", "classmethod", "property")


def attribute(world: World, frame: Frame, node: ast.AST, value: Value, name: str) -> Value:
    """What `value.name` is."""
    found = BOTTOM
    for ref in value.kinds(
        "instance",
        "super",
        "class",
        "module",
        "external",
        "options",
        "params",
        "param",
        "any_param",
        "function",
        "closure",
    ):
        found = join(found, _ATTRIBUTES.get(ref.kind, _of_unknown)(world, frame, node, value, ref, name))
    if f".{name}" in value.items:
        found = join(found, value.items[f".{name}"])
    elif value.kinds("object", "attribute", "exception") or not value.refs:
        found = join(found, reference(Ref("attribute", name, of=_receiver(value))))
    taints = {
        label: trace for label, trace in value.taints.items() if name in SECRET_ATTRIBUTES or names_a_credential(name)
    }
    if name == "__dict__":
        return attributes_of(world, frame, node, value)
    if taints:
        found = join(text(taints), found)
    return CLEAN if found.is_bottom else found


def attributes_of(world: World, frame: Frame, node: ast.AST, value: Value) -> Value:
    """`vars(value)`."""
    taints = text(whole(world, frame, node, value, attributes=True))
    return container({}, container({0: CLEAN, 1: taints}, None, like=taints), like=taints) if taints.taints else CLEAN


def _receiver(value: Value) -> Value:
    """A value as what its methods work on."""
    return value if value.depth <= 3 else Value(taints=value.all_taints(), refs=value.refs)


def _of_unknown(world: World, frame: Frame, node: ast.AST, value: Value, ref: Ref, name: str) -> Value:
    return reference(Ref("attribute", name, of=_receiver(value)))


def _of_instance(world: World, frame: Frame, node: ast.AST, value: Value, ref: Ref, name: str) -> Value:
    owner = reference(ref)
    assigned = world.get_attribute(ref.name, name)
    found = BOTTOM if assigned is None else assigned
    in_body = world.in_class(ref.name, name)
    if in_body is None:
        below = [
            world.classes[each].env[name] for each in sorted(world.family(ref.name)) if name in world.classes[each].env
        ]
        in_body = joined(below) if below and assigned is None else None
    if in_body is not None:
        found = join(found, bound(world, frame, in_body, owner, reference(Ref("class", ref.name)), node))
    elif world.is_source(ref.name) and name in _OF_SOURCES:
        found = join(found, _OF_SOURCES[name])
    elif assigned is None:
        found = _spread(world, frame, node, ref, name)
    return found


def _spread(world: World, frame: Frame, node: ast.AST, ref: Ref, name: str) -> Value:
    """An attribute that nobody assigns: of a library's class that it extends, or one of those set by `setattr`."""
    spread = world.get_attribute(ref.name, "*") or world.get_attribute(ref.name, "__dict__")
    if spread is not None and spread.kinds("any_param", "params"):
        return world.param(frame, node, name, "attribute")
    found = reference(Ref("attribute", name, of=reference(ref)))
    return found if spread is None else join(found, spread)


_OF_SOURCES: Final[dict[str, Value]] = {
    "source": reference(Ref("params")),
    "options": reference(Ref("options")),
    "log": reference(Ref("sink", "log")),
    "progress": reference(Ref("sink", "progress")),
    "state": reference(Ref("sink", "state")),
    "fire": reference(Ref("sink", "fire")),
    "secret": reference(Ref("declare")),
}


def _of_super(world: World, frame: Frame, node: ast.AST, value: Value, ref: Ref, name: str) -> Value:
    owner = ref.of or CLEAN
    for instance in owner.kinds("instance"):
        in_body = world.in_class(instance.name, name, after=ref.name)
        if in_body is not None:
            return bound(world, frame, in_body, owner, reference(Ref("class", instance.name)), node)
        if world.is_source(instance.name) and name in _OF_SOURCES:
            return _OF_SOURCES[name]
    return reference(Ref("attribute", name, of=owner))


def _of_class(world: World, frame: Frame, node: ast.AST, value: Value, ref: Ref, name: str) -> Value:
    in_body = world.in_class(ref.name, name)
    assigned = world.get_attribute(ref.name, name)
    found = BOTTOM if assigned is None else assigned
    if in_body is not None:
        found = join(found, bound(world, frame, in_body, BOTTOM, reference(ref), node))
    return reference(Ref("attribute", name, of=reference(ref))) if found.is_bottom else found


def _of_module(world: World, frame: Frame, node: ast.AST, value: Value, ref: Ref, name: str) -> Value:
    env = world.modules.get(ref.name, {})
    if name in env:
        return env[name]
    inner = f"{ref.name}.{name}"
    return reference(Ref("module", inner)) if inner in world.modules else CLEAN


def _of_external(world: World, frame: Frame, node: ast.AST, value: Value, ref: Ref, name: str) -> Value:
    return reference(Ref("external", canonical(f"{ref.name}.{name}")))


def _of_function(world: World, frame: Frame, node: ast.AST, value: Value, ref: Ref, name: str) -> Value:
    """`f.__wrapped__`, `Stream.read.retry`: what a decorator hung on it."""
    return reference(ref) if name in ("__wrapped__", "__func__", "func") else reference(Ref("attribute", name))


_ATTRIBUTES: Final[dict[str, Callable[[World, Frame, ast.AST, Value, Ref, str], Value]]] = {
    "instance": _of_instance,
    "super": _of_super,
    "class": _of_class,
    "module": _of_module,
    "external": _of_external,
    "function": _of_function,
    "closure": _of_function,
}


def entry(world: World, frame: Frame, node: ast.AST, value: Value, key: Value, how: str = "[]") -> Value:
    """What `value[key]` is."""
    known = None if key.consts is None else [each for each in key.consts if isinstance(each, str | int)]
    found = BOTTOM
    for ref in value.kinds("params", "options", "param", "any_param"):
        found = join(found, _handed_over(world, frame, node, value, ref, known, how))
    plain = not value.kinds("params", "options", "param", "any_param")
    if plain and known is not None:
        for each in known:
            found = join(found, _known_entry(value, each))
    elif plain:
        found = joined(
            (found, *(inner for name, inner in value.items.items() if not _is_attribute(name)), value.rest or BOTTOM)
        )
    if value.taints:
        found = join(_part_of_text(value, known), found)
    return CLEAN if found.is_bottom else found


def _is_attribute(name: Any) -> bool:
    return isinstance(name, str) and name.startswith(".")


def _known_entry(value: Value, key: str | int) -> Value:
    if key in value.items:
        return value.items[key]
    if isinstance(key, int) and key < 0:
        return joined((*(inner for name, inner in value.items.items() if isinstance(name, int)), value.rest or BOTTOM))
    return value.rest or BOTTOM


def _part_of_text(value: Value, known: list[str | int] | None) -> Value:
    """One character of a text, or an entry of something that is a credential as a whole."""
    if known:
        if all(isinstance(each, int) for each in known):
            return CLEAN if not value.refs else text(value.taints)
        if not any(isinstance(each, str) and (names_a_credential(each) or each == "value") for each in known):
            return CLEAN  # who, where, until when
    return text(value.taints)


def _handed_over(
    world: World, frame: Frame, node: ast.AST, value: Value, ref: Ref, known: list[str | int] | None, how: str
) -> Value:
    names = None if known is None else [each for each in known if isinstance(each, str)]
    if ref.kind == "params":
        return _of_params(world, frame, node, value, names, how)
    if ref.kind == "any_param":
        return ANY_PARAM
    if ref.kind == "options":
        return joined(world.option(frame, node, ref.name, name) for name in names or ())
    if not names:
        return reference(ref)
    return joined(world.inside_param(frame, node, ref.name, name) for name in names)


def _of_params(world: World, frame: Frame, node: ast.AST, value: Value, names: list[str] | None, how: str) -> Value:
    if names is None:
        world.notes.reads_any = True
        return ANY_PARAM if value.rest is None else join(ANY_PARAM, value.rest)
    found = BOTTOM
    for name in names:
        if name in value.items:
            world.note_read(frame, node, name, how)
            found = join(found, value.items[name])
        else:
            found = join(found, world.param(frame, node, name, how))
    return found


def element(world: World, frame: Frame, node: ast.AST, value: Value) -> Value:
    """What iterating over a value gives."""
    found = BOTTOM
    for ref in value.kinds("params", "options", "param", "any_param", "items", "instance"):
        if ref.kind == "params":
            found = join(found, CLEAN)  # the names
        elif ref.kind == "items":
            found = join(found, container({0: CLEAN, 1: ref.of or CLEAN}))
        elif ref.kind == "instance":
            found = join(found, _iterated(world, frame, node, ref))
        else:
            found = join(found, reference(ref) if ref.kind != "options" else CLEAN)
    if value.consts is not None:
        found = joined(
            (found, *(constant(letter) for each in value.consts if isinstance(each, str) for letter in set(each)))
        )
    if value.taints:
        found = join(found, text(value.taints) if value.refs or value.items or value.rest else CLEAN)
    if any(isinstance(name, int) for name in value.items) or not value.items:
        found = joined(
            (found, *(inner for name, inner in value.items.items() if isinstance(name, int)), value.rest or BOTTOM)
        )
    elif value.rest is not None:
        found = join(found, value.rest)
    else:
        names = [name for name in value.items if isinstance(name, str) and not name.startswith(".")]
        found = joined((found, *(constant(name) for name in names)))
    return CLEAN if found.is_bottom else found


def _iterated(world: World, frame: Frame, node: ast.AST, ref: Ref) -> Value:
    for name in ("__iter__", "__aiter__", "__getitem__"):
        method = world.in_class(ref.name, name)
        if method is None:
            continue
        given = world.call(frame, bound(world, frame, method, reference(ref), CLEAN, node), Arguments(), node)
        again = world.in_class(ref.name, "__next__") or world.in_class(ref.name, "__anext__")
        if any(inner.name == ref.name for inner in given.kinds("instance")):
            if again is None:
                return CLEAN
            return world.call(frame, bound(world, frame, again, reference(ref), CLEAN, node), Arguments(), node)
        return given if name == "__getitem__" else element(world, frame, node, given)
    return CLEAN


def set_entry(world: World, value: Value, key: Value, new: Value) -> Value:
    """The same container, with `value[key] = new`."""
    if key.consts is not None and len(key.consts) == 1:
        [only] = key.consts
        if value.kinds("params") and isinstance(only, str):
            world.notes.writes.add(only)
        return value.with_item(only, new)
    return value.with_rest(new)


def mutate(world: World, frame: Frame, target: ast.expr, change: Callable[[Value], Value]) -> None:
    """Change what an expression stands for in place, as far as anything is known of it."""
    if isinstance(target, ast.Name):
        _mutate_name(world, frame, target.id, change)
    elif isinstance(target, ast.Attribute):
        owner = world.evaluate(frame, target.value)
        after = change(attribute(world, frame, target, owner, target.attr))
        instances = owner.kinds("instance", "class")
        for ref in instances:
            world.set_attribute(ref.name, target.attr, after)
        if not instances:
            mutate(world, frame, target.value, lambda value: value.with_item(f".{target.attr}", after))
    elif isinstance(target, ast.Subscript):
        key = world.evaluate(frame, target.slice)
        after = change(entry(world, frame, target, world.evaluate(frame, target.value), key))
        mutate(world, frame, target.value, lambda value: set_entry(world, value, key, after))


def _mutate_name(world: World, frame: Frame, name: str, change: Callable[[Value], Value]) -> None:
    """A variable of the function's, of one around it, or of the module, where a change is seen by all."""
    if name in frame.env:
        frame.env[name] = change(frame.env[name])
        if name in frame.params:
            frame.mutated[name] = join(frame.mutated.get(name, BOTTOM), frame.env[name])
        return
    outer = frame.outer
    while outer is not None:
        if name in outer.env:
            outer.env[name] = join(outer.env[name], change(outer.env[name]))
            return
        outer = outer.outer
    module = world.modules.get(frame.file.module, {})
    if name in module:
        world.set_global(frame.file.module, name, change(module[name]))


def whole(
    world: World, frame: Frame, node: ast.AST, value: Value, *, attributes: bool = False, seen: tuple[Ref, ...] = ()
) -> dict[Label, Trace]:
    """The credentials in a text that is made of a value.

    Args:
        world: what is known.
        frame: where it is looked at, and `node` at which place.
        node: see there.
        value: what the text is made of.
        seen: what contains it, so that nothing is looked into twice.
        attributes: of an object all that it has, whatever its `repr` shows.
    """
    found = dict(value.taints)
    for ref in value.kinds("params", "any_param", "options", "items", "instance"):
        if ref in seen:
            continue
        more = _whole_of(world, frame, node, value, ref, attributes=attributes, seen=(*seen, ref))
        for label, trace in more.items():
            found.setdefault(label, trace)
    for name, inner in _entries(value, attributes=attributes).items():
        del name
        for label, trace in whole(world, frame, node, inner, seen=seen).items():
            found.setdefault(label, trace)
    return found


def _entries(value: Value, *, attributes: bool) -> Mapping[Any, Value]:
    """What is shown along with a value: not the attributes of a library's object."""
    shown = {name: inner for name, inner in value.items.items() if attributes or not _is_attribute(name)}
    return shown if value.rest is None else {**shown, "*": value.rest}


def _whole_of(
    world: World, frame: Frame, node: ast.AST, value: Value, ref: Ref, *, attributes: bool, seen: tuple[Ref, ...]
) -> dict[Label, Trace]:
    if ref.kind == "params":
        world.notes.reads_any = True
        return dict(world.whole_params(frame, node, value))
    if ref.kind == "any_param":
        return dict(world.whole_params(frame, node, value))
    if ref.kind == "options":
        label = Label("option", ref.name or "refresh")
        return {label: (world.step(frame, node, "all options are taken"),)}
    if ref.kind == "items":
        return whole(world, frame, node, ref.of or CLEAN, seen=seen)
    return _shown(world, frame, node, ref, attributes=attributes, seen=seen)


def _shown(
    world: World, frame: Frame, node: ast.AST, ref: Ref, *, attributes: bool, seen: tuple[Ref, ...]
) -> dict[Label, Trace]:
    """What a text made of an object of the package shows."""
    if attributes:
        held = [value for (each, _), value in list(world.heap.items()) if each in world.family(ref.name)]
        if world.is_source(ref.name):
            held += [PARAMS, OPTIONS]
        return whole(world, frame, node, joined(held), seen=seen)
    for name in ("__str__", "__repr__"):
        method = world.in_class(ref.name, name)
        if method is not None:
            given = world.call(frame, bound(world, frame, method, reference(ref), CLEAN, node), Arguments(), node)
            return dict(
                stepped(
                    text(whole(world, frame, node, given, seen=seen)), world.step(frame, node, f"its {name} is shown")
                ).taints
            )
    found: dict[Label, Trace] = {}
    for each in world.ancestors(ref.name):
        known = world.classes[each]
        for name in known.fields if known.is_record else ():
            held_by_field = world.get_attribute(each, name)
            if name not in known.quiet_fields and held_by_field is not None:
                found |= whole(world, frame, node, held_by_field, seen=seen)
    return found
