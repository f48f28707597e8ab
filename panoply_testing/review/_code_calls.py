"""What becomes of values in a call of a function or a class of the package, which is read with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from panoply_testing.review._code_leaks import leak, may_raise, taints_of
from panoply_testing.review._code_libraries import MASKS
from panoply_testing.review._code_outside import escaping, external, method, note_call, perhaps
from panoply_testing.review._code_places import bound, entry
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
from panoply_testing.review._code_world import Arguments, Edge, Frame, Function, Summary, World

if TYPE_CHECKING:
    import ast
    from collections.abc import Callable

__all__ = ["call", "invoke"]

_MOST_REPEATS: Final = 3

# How often a function is read with different arguments in one round before they are taken together.
_MOST_CONTEXTS: Final = 40
_MOST_WIDENED: Final = 60


def call(world: World, frame: Frame, callee: Value, args: Arguments, node: ast.AST) -> Value:
    """What a call gives."""
    world.spend()
    found = BOTTOM
    for ref in callee.kinds(*_CALLS):
        found = join(found, _CALLS[ref.kind](world, frame, ref, args, node))
    if found.is_bottom and not callee.kinds(*_CALLS):
        escaping(world, args)
        return CLEAN
    return found


def _function(world: World, frame: Frame, ref: Ref, args: Arguments, node: ast.AST) -> Value:
    function = world.functions.get(ref.name)
    if function is None:
        return CLEAN
    outer = world.frames.get(ref.more) if isinstance(ref.more, int) else None
    summary = invoke(world, function, args, outer=outer, caller=frame, node=node)
    may_raise(frame, summary.raises)
    if MASKS.search(function.name):
        return _unlabelled(summary.returns)
    if not summary.returns.taints and not summary.returns.depth:
        return summary.returns
    return stepped(summary.returns, world.step(frame, node, f"it comes back from {function.name}()"))


def _unlabelled(value: Value) -> Value:
    return Value(refs=value.refs, consts=value.consts)


def invoke(
    world: World,
    function: Function,
    args: Arguments,
    *,
    outer: Frame | None,
    caller: Frame | None,
    node: ast.AST | None,
) -> Summary:
    """Read a function with these arguments, or remember what came of it."""
    if caller is not None and node is not None:
        world.called.add(function.id)
        line = getattr(node, "lineno", 0)
        known_edge = world.notes.edges.get((caller.place, function.id))
        if known_edge is None or (not known_edge.certain and caller.certain):
            world.notes.edges[caller.place, function.id] = Edge(caller.file.path, line, certain=caller.certain)
        args = _on_their_way(world, function, args, caller, node)
    env = _bind(world, function, args, outer)
    number = 0 if outer is None else outer.number
    key = (function.id, number, tuple(env.items()))
    if key not in world.memo:
        env = _narrowed(world, function, env)
        key = (function.id, number, tuple(env.items()))
    known = world.memo.get(key)
    if known is not None:
        known.was_asked |= known.is_open
        return known
    summary = Summary()
    if world.too_deep:
        # What goes in may come out.
        summary.returns = joined(_flat(value) for value in env.values())
        return summary
    world.memo[key] = summary
    world.stack.append(function.id)
    try:
        for _ in range(_MOST_REPEATS):
            before = (summary.returns, frozenset(summary.raises))
            _read(world, function, env, outer, world.number(key), summary)
            # Only what calls itself has to be read once more, now that it is known what it gives.
            if not summary.was_asked or before == (summary.returns, frozenset(summary.raises)):
                break
    finally:
        summary.is_open = False
        world.stack.pop()
    return summary


def _narrowed(world: World, function: Function, env: dict[str, Value]) -> dict[str, Value]:
    """Arguments as they are, the first so many times that a function is read with others; then together with all before
    them; and in the end only the credentials in them. So it comes to an end.
    """
    times = world.contexts[function.id] = world.contexts.get(function.id, 0) + 1
    if times <= _MOST_CONTEXTS:
        return env
    if times > _MOST_WIDENED:
        env = {name: _flat(value) for name, value in env.items()}
    wide = world.wide.setdefault(function.id, {})
    for name, value in env.items():
        wide[name] = join(wide.get(name, BOTTOM), value)
    return dict(wide)


def _flat(value: Value) -> Value:
    kept = frozenset(ref for ref in value.refs if ref.of is None)
    return Value(taints=value.all_taints(), refs=kept, consts=None)


def _on_their_way(world: World, function: Function, args: Arguments, caller: Frame, node: ast.AST) -> Arguments:
    step = world.step(caller, node, f"it goes to {function.name}()")
    return Arguments(
        positional=[stepped(value, step) for value in args.positional],
        keywords={name: stepped(value, step) for name, value in args.keywords.items()},
        star=None if args.star is None else stepped(args.star, step),
        kwrest=None if args.kwrest is None else stepped(args.kwrest, step),
    )


def _read(
    world: World, function: Function, env: dict[str, Value], outer: Frame | None, number: int, summary: Summary
) -> None:
    frame = Frame(
        file=function.file,
        env=dict(env),
        function=function,
        class_id=function.class_id,
        outer=outer,
        number=number,
        params=set(env),
    )
    world.frames[number] = frame
    body = function.node.body
    if isinstance(body, list):
        world.run(frame, body)
        for nested in frame.nested:
            # What nobody called by name may be called by a library that it was handed to.
            if not any(ref.name in world.called for ref in nested.refs):
                perhaps(world, frame, nested, function.node)
    else:
        frame.returns = world.evaluate(frame, body)
    returns = (
        join(frame.returns, Value(rest=frame.yields, depth=frame.yields.depth + 1))
        if frame.is_generator
        else frame.returns
    )
    summary.returns = join(summary.returns, constant(None) if returns.is_bottom else returns)
    for label, trace in frame.raising[0].items():
        summary.raises.setdefault(label, trace)
    if frame.mutated:
        kept = world.mutations.setdefault(function.id, {})
        for name, value in frame.mutated.items():
            kept[name] = join(kept.get(name, BOTTOM), value)


def _bind(world: World, function: Function, args: Arguments, outer: Frame | None) -> dict[str, Value]:
    """The parameters' values."""
    spec = function.node.args
    frame = outer or Frame(file=function.file, env=world.modules.get(function.file.module, {}))
    env: dict[str, Value] = {}
    keywords = dict(args.keywords)
    names = [*spec.posonlyargs, *spec.args]
    first_default = len(names) - len(spec.defaults)
    for index, param in enumerate(names):
        default = spec.defaults[index - first_default] if index >= first_default else None
        if index < len(args.positional):
            env[param.arg] = args.positional[index]
        elif param.arg in keywords:
            env[param.arg] = keywords.pop(param.arg)
        else:
            env[param.arg] = _left_out(world, frame, param, default, args, args.star)
    for param, given_default in zip(spec.kwonlyargs, spec.kw_defaults, strict=True):
        if param.arg in keywords:
            env[param.arg] = keywords.pop(param.arg)
        else:
            env[param.arg] = _left_out(world, frame, param, given_default, args, None)
    if spec.vararg is not None:
        env[spec.vararg.arg] = container(dict(enumerate(args.positional[len(names) :])), args.star)
    if spec.kwarg is not None:
        env[spec.kwarg.arg] = container(keywords, None, like=args.kwrest or CLEAN)
        if args.kwrest is not None:
            env[spec.kwarg.arg] = join(args.kwrest, env[spec.kwarg.arg])
    return env


def _left_out(
    world: World, frame: Frame, param: ast.arg, default: ast.expr | None, args: Arguments, star: Value | None
) -> Value:
    found = BOTTOM if default is None else world.evaluate(frame, default)
    if star is not None:
        found = join(found, star)
    if args.kwrest is not None:
        found = join(found, entry(world, frame, param, args.kwrest, constant(param.arg), "**"))
    return CLEAN if found.is_bottom else found


def _partial(world: World, frame: Frame, ref: Ref, args: Arguments, node: ast.AST) -> Value:
    first, named = ref.more
    more = Arguments(
        positional=[*first, *args.positional],
        keywords={**dict(named), **args.keywords},
        star=args.star,
        kwrest=args.kwrest,
    )
    return call(world, frame, ref.of or CLEAN, more, node)


def _class(world: World, frame: Frame, ref: Ref, args: Arguments, node: ast.AST) -> Value:
    made = reference(Ref("instance", ref.name))
    constructor = world.in_class(ref.name, "__init__")
    known = world.classes[ref.name]
    if constructor is not None:
        call(world, frame, bound(world, frame, constructor, made, reference(ref), node), args, node)
    elif known.is_record:
        _fill(world, frame, ref.name, args, node)
        after = world.in_class(ref.name, "__post_init__")
        if after is not None:
            call(world, frame, bound(world, frame, after, made, reference(ref), node), Arguments(), node)
    else:
        for base in world.external_bases(ref.name)[:1]:
            note_call(world, frame, base, args, node, made)
        if not world.is_source(ref.name):
            escaping(world, args)
    if world.is_exception(ref.name):
        # What it hands on to its base class are its args; without a constructor of its own, all that it is given.
        kept = None if constructor is None else world.get_attribute(ref.name, "args")
        return join(text(taints_of(world, frame, node, args.all() if kept is None else [kept])), made)
    return made


def _fill(world: World, frame: Frame, class_id: str, args: Arguments, node: ast.AST) -> None:
    """Assign the fields of a dataclass or a named tuple."""
    fields = [(each, name) for each in reversed(world.ancestors(class_id)) for name in world.classes[each].fields]
    for index, (owner, name) in enumerate(fields):
        given = args.get(index, name)
        if given is None and args.kwrest is not None:
            given = entry(world, frame, node, args.kwrest, constant(name), "**")
        if given is not None:
            world.set_attribute(owner, name, stepped(given, world.step(frame, node, f"it is kept in .{name}")))


def _made(world: World, frame: Frame, ref: Ref, args: Arguments, node: ast.AST) -> Value:
    """A call of what a library gave: a class of named tuples has what it is given."""
    if ref.name == "collections.namedtuple":
        return container({**dict(enumerate(args.positional)), **args.keywords}, args.star)
    escaping(world, args)
    return CLEAN


def _instance(world: World, frame: Frame, ref: Ref, args: Arguments, node: ast.AST) -> Value:
    method = world.in_class(ref.name, "__call__")
    if method is None:
        return CLEAN
    return call(world, frame, bound(world, frame, method, reference(ref), CLEAN, node), args, node)


def _sink(world: World, frame: Frame, ref: Ref, args: Arguments, node: ast.AST) -> Value:
    shown = args.all()
    if ref.name == "progress":
        message = args.get(2, "msg")
        shown = [] if message is None else [message]
    elif ref.name == "fire":
        name = args.get(0, "name")
        if name is not None and name.text() == "source-change":
            return CLEAN
    leak(world, frame, node, {"fire": "state"}.get(ref.name, ref.name), taints_of(world, frame, node, shown))
    return constant(None)


_WHO: Final = ("user", "login", "email", "name", "id", "host", "url", "expire", "account", "tenant", "scope", "type")


def _declare(world: World, frame: Frame, ref: Ref, args: Arguments, node: ast.AST) -> Value:
    """`self.secret(value)`: a credential from now on."""
    value = args.get(0, "value") or CLEAN
    if value.all_taints():
        return value
    declared = text({Label("declared", ""): (world.step(frame, node, "it is declared by secret()"),)})
    if not value.depth:
        return declared
    # Who somebody is, and until when, is no secret in the answer to a login.
    secret = {key: inner if str(key).lower().startswith(_WHO) else declared for key, inner in value.items.items()}
    return container(secret, declared, like=declared)


_CALLS: Final[dict[str, Callable[[World, Frame, Ref, Arguments, ast.AST], Value]]] = {
    "function": _function,
    "closure": _function,
    "partial": _partial,
    "class": _class,
    "instance": _instance,
    "sink": _sink,
    "declare": _declare,
    "object": _made,
    "external": external,
    "attribute": method,
    "static": lambda world, frame, ref, args, node: call(world, frame, ref.of or CLEAN, args, node),
}
