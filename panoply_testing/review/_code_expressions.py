"""What an expression may be: one function for each kind of expression that Python has."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any, Final

from panoply_testing.review._code_arguments import CHANGES, arguments, merged
from panoply_testing.review._code_calls import call
from panoply_testing.review._code_libraries import canonical
from panoply_testing.review._code_places import SHORT, attribute, element, entry, mutate, set_entry, whole
from panoply_testing.review._code_texts import formatted, is_cut
from panoply_testing.review._code_values import (
    BOTTOM,
    CLEAN,
    Label,
    Ref,
    Value,
    constant,
    container,
    join,
    joined,
    reference,
    stepped,
    text,
)
from panoply_testing.review._code_world import Frame, Function, World

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["arguments", "assign", "evaluate", "falsy_names", "import_name"]


def evaluate(world: World, frame: Frame, node: ast.expr) -> Value:
    """What an expression may be; what it does to its parts is done."""
    world.spend()
    reader = _READERS.get(type(node))
    if reader is None:
        return CLEAN
    return reader(world, frame, node)


# Names.


def _name(world: World, frame: Frame, node: ast.Name) -> Value:
    scope: Frame | None = frame
    while scope is not None:
        # A class's names are not those of its methods.
        if node.id in scope.env and (scope is frame or not _is_class_body(scope)):
            return scope.env[node.id]
        scope = scope.outer
    module = world.modules.get(frame.file.module, {})
    if node.id in module:
        return module[node.id]
    if node.id in ("__name__", "__file__", "__package__"):
        return CLEAN
    return reference(Ref("external", node.id))


def _is_class_body(frame: Frame) -> bool:
    return bool(frame.class_id) and frame.function is None


def import_name(world: World, name: str) -> Value:
    """What importing a module gives."""
    if name in world.modules:
        return reference(Ref("module", name))
    # Of the package, but without a file of its own; or a library.
    if any(module.startswith(f"{name}.") for module in world.modules):
        return reference(Ref("module", name))
    return reference(Ref("external", canonical(name)))


def assign(world: World, frame: Frame, target: ast.expr, value: Value) -> None:
    """Give a name, an attribute, an entry or several of them a value."""
    if isinstance(target, ast.Name):
        frame.params.discard(target.id)
        if target.id in frame.globals:
            world.set_global(frame.file.module, target.id, value)
        elif target.id in frame.nonlocals and frame.outer is not None:
            frame.outer.env[target.id] = join(frame.outer.env.get(target.id, BOTTOM), value)
        else:
            frame.env[target.id] = value
    elif isinstance(target, ast.Attribute):
        owner = evaluate(world, frame, target.value)
        step = world.step(frame, target, f"it is kept in .{target.attr}")
        for ref in owner.kinds("instance", "class"):
            world.set_attribute(ref.name, target.attr, stepped(value, step))
        if not owner.kinds("instance", "class"):
            mutate(world, frame, target.value, lambda known: known.with_item(f".{target.attr}", value))
    elif isinstance(target, ast.Subscript):
        key = evaluate(world, frame, target.slice)
        mutate(world, frame, target.value, lambda known: set_entry(world, known, key, value))
    elif isinstance(target, ast.Tuple | ast.List):
        _unpack(world, frame, target, value)
    elif isinstance(target, ast.Starred):
        assign(world, frame, target.value, container({}, element(world, frame, target, value)))


def _unpack(world: World, frame: Frame, target: ast.Tuple | ast.List, value: Value) -> None:
    starred = any(isinstance(each, ast.Starred) for each in target.elts)
    for index, each in enumerate(target.elts):
        if index in value.items and not starred:
            part = value.items[index]
        elif isinstance(each, ast.Starred):
            part = value
        else:
            part = element(world, frame, target, value)
        assign(world, frame, each, part)


# Constants and displays.


def _constant(world: World, frame: Frame, node: ast.Constant) -> Value:
    return constant(node.value)


def _sequence(world: World, frame: Frame, node: ast.Tuple | ast.List | ast.Set) -> Value:
    items: dict[Any, Value] = {}
    rest: Value | None = None
    for each in node.elts:
        if isinstance(each, ast.Starred):
            inner = element(world, frame, each, evaluate(world, frame, each.value))
            rest = inner if rest is None else join(rest, inner)
        elif rest is None:
            items[len(items)] = evaluate(world, frame, each)
        else:
            rest = join(rest, evaluate(world, frame, each))
    return container(items, rest)


def _dict(world: World, frame: Frame, node: ast.Dict) -> Value:
    found = CLEAN
    for key, value in zip(node.keys, node.values, strict=True):
        inner = evaluate(world, frame, value)
        if key is None:
            found = merged(found, inner)
            continue
        name = evaluate(world, frame, key)
        if name.text() is not None:
            found = found.with_item(name.text(), inner)
        else:
            taints = whole(world, frame, key, name)
            found = found.with_rest(join(inner, text(taints)) if taints else inner)
    return _param_of_config(world, frame, node, found)


def _param_of_config(world: World, frame: Frame, node: ast.Dict, found: Value) -> Value:
    """A param as CONFIG has it: its choices are called by the platform, and the default of a credential is one."""
    choices = found.items.get("values")
    if choices is not None and "name" in found.items and choices.kinds("function", "partial", "closure"):
        world.choices.add(choices)
    name, default = found.items.get("name"), found.items.get("default")
    word = None if name is None else name.text()
    if word and default is not None and default.text() and word in world.credentials:
        label = Label("param", word)
        step = world.step(frame, node, f"the default of the {label.words} stands in CONFIG")
        return found.with_item("default", text({label: (step,)}))
    return found


# Texts.


def _f_string(world: World, frame: Frame, node: ast.JoinedStr) -> Value:
    taints = {}
    constants: list[str] | None = []
    for part in node.values:
        if isinstance(part, ast.Constant):
            if constants is not None:
                constants.append(str(part.value))
            continue
        if not isinstance(part, ast.FormattedValue):
            continue
        value = evaluate(world, frame, part.value)
        words = value.text()
        constants = None if constants is None or words is None else [*constants, words]
        spec = part.format_spec
        cut = isinstance(spec, ast.JoinedStr) and any(
            isinstance(each, ast.Constant) and is_cut(str(each.value)) for each in spec.values
        )
        if not cut:
            taints.update(
                {label: trace for label, trace in whole(world, frame, part.value, value).items() if label not in taints}
            )
    if taints:
        return stepped(text(taints), world.step(frame, node, "it is put into an f-string"))
    return CLEAN if constants is None else constant("".join(constants))


def _binary(world: World, frame: Frame, node: ast.BinOp) -> Value:
    left, right = evaluate(world, frame, node.left), evaluate(world, frame, node.right)
    if isinstance(node.op, ast.Mod):
        if left.text() is not None or left.taints or isinstance(node.left, ast.Constant | ast.JoinedStr):
            return join(formatted(world, frame, left.text(), right, node), text(left.taints))
        return text(left.taints)
    if isinstance(node.op, ast.BitOr):
        return merged(left, right) if left.refs or left.items or right.items else join(left, right)
    if isinstance(node.op, ast.Add | ast.Mult | ast.Div):
        return _added(world, frame, node, left, right)
    return text({**right.taints, **left.taints})


def _added(world: World, frame: Frame, node: ast.BinOp, left: Value, right: Value) -> Value:
    words = (left.text(), right.text())
    if isinstance(node.op, ast.Add) and words[0] is not None and words[1] is not None:
        return constant(words[0] + words[1])
    if left.depth or right.depth:
        inner = joined((*left.items.values(), *right.items.values(), left.rest or BOTTOM, right.rest or BOTTOM))
        return container({}, inner, like=text({**right.taints, **left.taints}))
    taints = {**right.taints, **left.taints}
    if isinstance(node.op, ast.Div):  # of paths
        return join(text(taints), reference(*(ref for ref in left.refs if ref.kind == "object")))
    return stepped(text(taints), world.step(frame, node, "it is put into a text"))


# Choices.


def _boolean(world: World, frame: Frame, node: ast.BoolOp) -> Value:
    values = [evaluate(world, frame, each) for each in node.values]
    if isinstance(node.op, ast.And):
        # The others are what it is where they are empty.
        return join(values[-1], Value(consts=None))
    return joined(values)


def _conditional(world: World, frame: Frame, node: ast.IfExp) -> Value:
    evaluate(world, frame, node.test)
    with_empty, else_empty = falsy_names(node.test)
    first = _without(world, frame, with_empty, node.body)
    return join(first, _without(world, frame, else_empty, node.orelse))


def _without(world: World, frame: Frame, empty: set[str], node: ast.expr) -> Value:
    """An expression where these names are empty."""
    before = {name: frame.env[name] for name in empty if name in frame.env}
    frame.env.update(dict.fromkeys(before, CLEAN))
    value = evaluate(world, frame, node)
    frame.env.update(before)
    return value


def falsy_names(test: ast.expr) -> tuple[set[str], set[str]]:
    """The variables that hold nothing where a test is true, and where it is false."""
    if isinstance(test, ast.Name):
        return set(), {test.id}
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        first, second = falsy_names(test.operand)
        return second, first
    if isinstance(test, ast.Compare) and len(test.ops) == 1 and isinstance(test.left, ast.Name):
        other = test.comparators[0]
        if isinstance(other, ast.Constant) and not other.value:
            names = {test.left.id}
            if isinstance(test.ops[0], ast.Is | ast.Eq):
                return names, set()
            if isinstance(test.ops[0], ast.IsNot | ast.NotEq):
                return set(), names
    return set(), set()


def _compare(world: World, frame: Frame, node: ast.Compare) -> Value:
    for each in (node.left, *node.comparators):
        evaluate(world, frame, each)
    return CLEAN


def _unary(world: World, frame: Frame, node: ast.UnaryOp) -> Value:
    value = evaluate(world, frame, node.operand)
    if isinstance(node.op, ast.USub) and value.consts is not None and len(value.consts) == 1:
        [only] = value.consts
        if isinstance(only, int):
            return constant(-only)
    return CLEAN


# Parts.


def _attribute(world: World, frame: Frame, node: ast.Attribute) -> Value:
    return attribute(world, frame, node, evaluate(world, frame, node.value), node.attr)


def _subscript(world: World, frame: Frame, node: ast.Subscript) -> Value:
    value = evaluate(world, frame, node.value)
    if isinstance(node.slice, ast.Slice):
        for part in (node.slice.lower, node.slice.upper, node.slice.step):
            if part is not None:
                evaluate(world, frame, part)
        return _cut(value, node.slice)
    return entry(world, frame, node, value, evaluate(world, frame, node.slice))


def _cut(value: Value, part: ast.Slice) -> Value:
    """A few characters of a credential at its beginning or its end give nothing away."""
    is_text = not value.depth
    lower, upper = _number(part.lower), _number(part.upper)
    short_start = upper is not None and 0 <= upper <= SHORT and (lower or 0) >= 0
    short_end = lower is not None and -SHORT <= lower < 0 and part.upper is None
    if is_text and (short_start or short_end):
        return Value(refs=value.refs)
    if value.depth:
        inner = joined((*(each for key, each in value.items.items() if isinstance(key, int)), value.rest or BOTTOM))
        return container({}, inner, like=Value(taints=value.taints, refs=value.refs))
    return Value(taints=value.taints, refs=value.refs)


def _number(node: ast.expr | None) -> int | None:
    try:
        value = None if node is None else ast.literal_eval(node)
    except ValueError:
        return None
    return value if isinstance(value, int) else None


# Calls.


def _call(world: World, frame: Frame, node: ast.Call) -> Value:
    callee = evaluate(world, frame, node.func)
    args = arguments(world, frame, node)
    given = call(world, frame, callee, args, node)
    if isinstance(node.func, ast.Attribute):
        change = CHANGES.get(node.func.attr)
        # What has a method of its own with that name is no dict or list.
        if change is not None and not callee.kinds("partial", "function", "closure", "sink", "class"):
            mutate(world, frame, node.func.value, lambda value: change(world, frame, node, value, args))
        elif node.func.attr == "mount":
            adapter = args.get(1) or CLEAN
            mutate(
                world,
                frame,
                node.func.value,
                lambda value: value.with_item(".mounted", join(value.items.get(".mounted", BOTTOM), adapter)),
            )
    _write_back(world, frame, callee, node)
    return given


def _write_back(world: World, frame: Frame, callee: Value, node: ast.Call) -> None:
    """What a function of the package puts into a dict that it was given is in the caller's dict."""
    for ref in callee.kinds("function", "closure", "partial"):
        offset = 0
        while ref.kind == "partial" and ref.of is not None and len(ref.of.refs) == 1:
            offset += len(ref.more[0])
            [ref] = ref.of.refs  # noqa: PLW2901 - the function that is behind it
        function = world.functions.get(ref.name)
        if function is None:
            continue
        changed = world.mutations.get(function.id)
        if not changed:
            continue
        names = [each.arg for each in (*function.node.args.posonlyargs, *function.node.args.args)][offset:]
        pairs = [*zip(names, node.args, strict=False), *((each.arg or "", each.value) for each in node.keywords)]
        for name, given in pairs:
            if name in changed and isinstance(given, ast.Name | ast.Attribute | ast.Subscript):
                more = changed[name]
                mutate(world, frame, given, lambda value, more=more: join(value, more))  # type: ignore[misc]


def _lambda(world: World, frame: Frame, node: ast.Lambda) -> Value:
    identifier = f"{frame.file.module}:<lambda>@{node.lineno}:{node.col_offset}"
    world.functions.setdefault(
        identifier, Function(id=identifier, name="lambda", node=node, file=frame.file, class_id="", is_nested=True)
    )
    made = reference(Ref("closure", identifier, more=frame.number))
    world.frames[frame.number] = frame
    frame.nested.append(made)
    return made


# Comprehensions.


def _comprehension(
    world: World, frame: Frame, node: ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp
) -> Value:
    before = dict(frame.env)
    parts: list[ast.expr] = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
    for each in node.generators:
        given = element(world, frame, each.iter, evaluate(world, frame, each.iter))
        looks = [*each.ifs, *parts]
        bind_loop(world, frame, each.target, given, lambda looks=looks: looks, filtered=bool(each.ifs))  # type: ignore[misc]
        for test in each.ifs:
            evaluate(world, frame, test)
            for name in falsy_names(test)[0]:
                frame.env[name] = CLEAN
    if isinstance(node, ast.DictComp):
        key, inner = evaluate(world, frame, node.key), evaluate(world, frame, node.value)
        taints = whole(world, frame, node.key, key)
        found = container({}, join(inner, text(taints)) if taints else inner)
        if key.consts is not None:
            found = container(dict.fromkeys(sorted(key.consts, key=str), inner), None)
    else:
        found = container({}, evaluate(world, frame, node.elt))
    frame.env.clear()
    frame.env.update(before)
    return found


def bind_loop(
    world: World, frame: Frame, target: ast.expr, given: Value, looks: Callable[[], list[ast.expr]], *, filtered: bool
) -> None:
    """Give a loop's variables their values. Of names and values of params, those are let through whose names are looked at:
    whoever asks for the name leaves the credentials out.
    """
    is_pair = isinstance(target, ast.Tuple) and len(target.elts) == 2 and isinstance(target.elts[0], ast.Name)
    if is_pair and isinstance(target, ast.Tuple) and isinstance(target.elts[0], ast.Name):
        value = given.items.get(1, CLEAN)
        if value.kinds("any_param") and _is_looked_at(world, target.elts[0].id, looks(), filtered=filtered):
            given = container({0: CLEAN, 1: CLEAN})
    assign(world, frame, target, given)


def _is_looked_at(world: World, name: str, looks: list[ast.expr], *, filtered: bool) -> bool:
    """Whether credentials are told from other params by their name."""
    tests = [inner.test for look in looks for inner in ast.walk(look) if isinstance(inner, ast.IfExp)]
    tests += looks if filtered else []
    return any(
        _tells_credentials(world, name, inner)
        for test in tests
        for inner in ast.walk(test)
        if isinstance(inner, ast.Compare | ast.Call)
    )


def _tells_credentials(world: World, name: str, test: ast.Compare | ast.Call) -> bool:
    if not any(isinstance(inner, ast.Name) and inner.id == name for inner in ast.walk(test)):
        return False
    if isinstance(test, ast.Call):
        return True
    try:
        known = ast.literal_eval(test.comparators[0])
    except ValueError:
        return True  # a list of names that stands elsewhere
    names = [known] if isinstance(known, str) else [each for each in known or () if isinstance(each, str)]
    among = any(world.is_credential(each) for each in names)
    return (
        among
        if isinstance(test.ops[0], ast.NotEq | ast.NotIn) or among
        else bool(names) and isinstance(test.ops[0], ast.In | ast.Eq)
    )


# Others.


def _inner(world: World, frame: Frame, node: ast.Await | ast.Starred) -> Value:
    return evaluate(world, frame, node.value)


def _yield(world: World, frame: Frame, node: ast.Yield) -> Value:
    frame.is_generator = True
    given = constant(None) if node.value is None else evaluate(world, frame, node.value)
    frame.yields = join(frame.yields, given)
    return CLEAN


def _yield_from(world: World, frame: Frame, node: ast.YieldFrom) -> Value:
    frame.is_generator = True
    frame.yields = join(frame.yields, element(world, frame, node, evaluate(world, frame, node.value)))
    return CLEAN


def _named(world: World, frame: Frame, node: ast.NamedExpr) -> Value:
    value = evaluate(world, frame, node.value)
    assign(world, frame, node.target, value)
    return value


_READERS: Final[dict[type[ast.expr], Callable[[World, Frame, Any], Value]]] = {
    ast.Name: _name,
    ast.Constant: _constant,
    ast.Tuple: _sequence,
    ast.List: _sequence,
    ast.Set: _sequence,
    ast.Dict: _dict,
    ast.JoinedStr: _f_string,
    ast.BinOp: _binary,
    ast.BoolOp: _boolean,
    ast.IfExp: _conditional,
    ast.Compare: _compare,
    ast.UnaryOp: _unary,
    ast.Attribute: _attribute,
    ast.Subscript: _subscript,
    ast.Call: _call,
    ast.Lambda: _lambda,
    ast.ListComp: _comprehension,
    ast.SetComp: _comprehension,
    ast.GeneratorExp: _comprehension,
    ast.DictComp: _comprehension,
    ast.Await: _inner,
    ast.Starred: _inner,
    ast.Yield: _yield,
    ast.YieldFrom: _yield_from,
    ast.NamedExpr: _named,
}
