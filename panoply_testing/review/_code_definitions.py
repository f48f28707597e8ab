"""Definitions of functions and classes: what they are called, what their decorators make of them, which fields they have."""

from __future__ import annotations

import ast
from typing import Final

from panoply_testing.review._code_calls import call
from panoply_testing.review._code_expressions import evaluate
from panoply_testing.review._code_values import Ref, Value, joined, reference
from panoply_testing.review._code_world import Arguments, Class, Frame, Function, World

__all__ = ["define_class", "define_function"]


def define_function(world: World, frame: Frame, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
    in_class = bool(frame.class_id) and frame.function is None
    owner = f"{frame.class_id.partition(':')[2]}." if in_class else f"{frame.function.label}." if frame.function else ""
    identifier = f"{frame.file.module}:{owner}{node.name}"
    known = world.functions.get(identifier)
    if known is not None and known.node is not node:
        identifier = f"{identifier}@{node.lineno}"  # a property's setter, or a second one of that name
    nested = frame.function is not None
    world.functions.setdefault(
        identifier,
        Function(
            id=identifier,
            name=node.name,
            node=node,
            file=frame.file,
            class_id=frame.class_id if in_class else "",
            is_nested=nested,
        ),
    )
    value = reference(Ref("closure", identifier, more=frame.number) if nested else Ref("function", identifier))
    if nested:
        world.frames[frame.number] = frame
        frame.nested.append(value)
    frame.env[node.name] = _decorated(world, frame, node, value, frame.env.get(node.name))


_DESCRIBING: Final = {
    "staticmethod": "static",
    "classmethod": "classmethod",
    "property": "property",
    "cached_property": "property",
    "abstractproperty": "property",
    "hybrid_property": "property",
}


def _decorated(
    world: World, frame: Frame, node: ast.FunctionDef | ast.AsyncFunctionDef, value: Value, before: Value | None
) -> Value:
    """A function as its decorators leave it. One that is not of the package lets everything through."""
    for decorator in reversed(node.decorator_list):
        if (
            isinstance(decorator, ast.Attribute)
            and decorator.attr in ("setter", "deleter", "getter")
            and before is not None
        ):
            return before
        name = _last_name(decorator)
        if name in _DESCRIBING:
            value = reference(Ref(_DESCRIBING[name], of=value))
            continue
        through = evaluate(world, frame, decorator)
        if through.kinds("function", "closure", "class", "partial", "instance"):
            given = call(world, frame, through, Arguments(positional=[value]), decorator)
            value = given if given.refs else value
    return value


def _last_name(node: ast.expr) -> str:
    if isinstance(node, ast.Call):
        node = node.func
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def define_class(world: World, frame: Frame, node: ast.ClassDef) -> None:
    owner = (
        f"{frame.function.label}."
        if frame.function
        else f"{frame.class_id.partition(':')[2]}."
        if frame.class_id
        else ""
    )
    identifier = f"{frame.file.module}:{owner}{node.name}"
    known = world.classes.get(identifier)
    if known is None:
        known = world.classes[identifier] = Class(id=identifier, node=node, file=frame.file)
        world.forget_families()
    bases = joined(
        evaluate(world, frame, base.value if isinstance(base, ast.Subscript) else base) for base in node.bases
    )
    if bases != known.bases:
        known.bases = bases
        world.forget_families()
    for keyword in node.keywords:
        evaluate(world, frame, keyword.value)
    base_names = {_last_name(base) for base in node.bases}
    decorators = {_last_name(each) for each in node.decorator_list}
    known.is_record = bool(
        decorators & {"dataclass", "define", "frozen", "attrs", "s", "mutable"}
        or base_names & {"NamedTuple", "BaseModel", "TypedDict", "BaseSettings", "Struct"}
    )
    _fields(known, node)
    if any(not _shows(each) for each in node.decorator_list):
        known.quiet_fields = set(known.fields)
    body = Frame(file=frame.file, env={}, class_id=identifier, outer=frame if frame.function is not None else None)
    world.run(body, node.body)
    known.env = body.env
    frame.env[node.name] = reference(Ref("class", identifier))


def _fields(known: Class, node: ast.ClassDef) -> None:
    known.fields = []
    for each in node.body:
        if (
            isinstance(each, ast.AnnAssign)
            and isinstance(each.target, ast.Name)
            and "ClassVar" not in ast.unparse(each.annotation)
        ):
            known.fields.append(each.target.id)
            if each.value is not None and not _shows(each.value):
                known.quiet_fields.add(each.target.id)
            if "Secret" in ast.unparse(each.annotation):
                known.quiet_fields.add(each.target.id)


def _shows(node: ast.expr) -> bool:
    """Whether `repr` is left on in `@dataclass(...)` or `field(...)`."""
    if not isinstance(node, ast.Call):
        return True
    return not any(
        keyword.arg == "repr" and isinstance(keyword.value, ast.Constant) and keyword.value.value is False
        for keyword in node.keywords
    )
