"""What statements do to what is known: one function for each kind of statement that Python has.

Each says whether what follows it is reached.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any, Final

from panoply_testing.review._code_calls import call
from panoply_testing.review._code_definitions import define_class, define_function
from panoply_testing.review._code_expressions import assign, bind_loop, evaluate, falsy_names, import_name
from panoply_testing.review._code_leaks import leak, may_raise
from panoply_testing.review._code_patterns import capture
from panoply_testing.review._code_places import bound, element, mutate, whole
from panoply_testing.review._code_values import BOTTOM, CLEAN, Ref, Value, join, reference
from panoply_testing.review._code_world import Arguments, Frame, World

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["run"]

_MOST_TURNS: Final = 3


def run(world: World, frame: Frame, body: Iterable[ast.stmt]) -> bool:
    """Read statements one after the other; False: what follows them is not reached."""
    alive = True
    for statement in body:
        if not alive and not isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue  # no run comes here
        world.spend()
        reader = _READERS.get(type(statement))
        if reader is not None and reader(world, frame, statement) is False:
            alive = False
    return alive


def _joined_env(*envs: dict[str, Value]) -> dict[str, Value]:
    found: dict[str, Value] = {}
    for env in envs:
        for name, value in env.items():
            found[name] = join(found[name], value) if name in found else value
    return found


def _branch(world: World, frame: Frame, body: list[ast.stmt], before: dict[str, Value]) -> dict[str, Value] | None:
    """The variables after some statements that begin with these; None: what follows is not reached."""
    _become(frame, before)
    return dict(frame.env) if run(world, frame, body) else None


def _become(frame: Frame, env: dict[str, Value]) -> None:
    """Variables are kept in one dict, as others hold on to it: a module's is seen by its functions."""
    if frame.env is not env:
        frame.env.clear()
        frame.env.update(env)


def _after(frame: Frame, *envs: dict[str, Value] | None) -> bool:
    alive = [env for env in envs if env is not None]
    if alive:
        _become(frame, _joined_env(*alive))
    return bool(alive)


# Simple ones.


def _expression(world: World, frame: Frame, node: ast.Expr) -> None:
    evaluate(world, frame, node.value)


def _assign(world: World, frame: Frame, node: ast.Assign) -> None:
    value = evaluate(world, frame, node.value)
    for target in node.targets:
        assign(world, frame, target, value)


def _annotated(world: World, frame: Frame, node: ast.AnnAssign) -> None:
    if node.value is not None:
        assign(world, frame, node.target, evaluate(world, frame, node.value))


def _augmented(world: World, frame: Frame, node: ast.AugAssign) -> None:
    # The readers do not look at whether a name is read or assigned.
    load = ast.copy_location(ast.BinOp(left=node.target, op=node.op, right=node.value), node)
    assign(world, frame, node.target, evaluate(world, frame, load))


def _return(world: World, frame: Frame, node: ast.Return) -> bool:
    value = Value(consts=frozenset({None})) if node.value is None else evaluate(world, frame, node.value)
    frame.returns = join(frame.returns, value)
    return False


def _raise(world: World, frame: Frame, node: ast.Raise) -> bool:
    cause_is_hidden = isinstance(node.cause, ast.Constant) and node.cause.value is None
    if node.exc is None:
        may_raise(frame, frame.handling[-1] if frame.handling else {})
        return False
    value = evaluate(world, frame, node.exc)
    shown = whole(world, frame, node.exc, value)
    if node.cause is not None:
        shown = {**whole(world, frame, node.cause, evaluate(world, frame, node.cause)), **shown}
    carried = frame.handling[-1] if frame.handling else {}
    if isinstance(node.exc, ast.Name) and carried and set(shown) <= set(carried):
        may_raise(frame, carried)  # `raise exc`: the one that is being handled
        return False
    # What it quotes of the exception that is handled is told where that comes from.
    own = {label: trace for label, trace in shown.items() if label not in carried}
    quoted = {label: trace for label, trace in shown.items() if label in carried}
    leak(world, frame, node, "raise", own)
    may_raise(frame, quoted if cause_is_hidden else {**carried, **quoted})
    return False


def _stop(world: World, frame: Frame, node: ast.Break | ast.Continue) -> bool:
    if frame.exits:
        frame.exits[-1].append(dict(frame.env))
    return False


def _delete(world: World, frame: Frame, node: ast.Delete) -> None:
    for target in node.targets:
        if isinstance(target, ast.Subscript):
            key = evaluate(world, frame, target.slice).text()
            if key is not None:
                mutate(world, frame, target.value, lambda value, key=key: value.with_item(key, CLEAN))  # type: ignore[misc]


def _assert(world: World, frame: Frame, node: ast.Assert) -> None:
    evaluate(world, frame, node.test)
    if node.msg is not None:
        leak(world, frame, node, "raise", whole(world, frame, node.msg, evaluate(world, frame, node.msg)))


def _global(world: World, frame: Frame, node: ast.Global) -> None:
    frame.globals.update(node.names)


def _nonlocal(world: World, frame: Frame, node: ast.Nonlocal) -> None:
    frame.nonlocals.update(node.names)


# Imports.


def _import(world: World, frame: Frame, node: ast.Import) -> None:
    for alias in node.names:
        name = alias.name if alias.asname else alias.name.partition(".")[0]
        frame.env[alias.asname or name] = import_name(world, name)


def _import_from(world: World, frame: Frame, node: ast.ImportFrom) -> None:
    base = node.module or ""
    if node.level:
        parts = frame.file.module.split(".") if frame.file.module else []
        up = node.level - 1 if frame.file.is_package else node.level
        base = ".".join([*parts[: len(parts) - up], *([node.module] if node.module else [])])
    for alias in node.names:
        if alias.name == "*":
            for name, value in world.modules.get(base, {}).items():
                frame.env.setdefault(name, value)
            continue
        frame.env[alias.asname or alias.name] = _imported(world, base, alias.name)


def _imported(world: World, base: str, name: str) -> Value:
    env = world.modules.get(base)
    if env is not None and name in env:
        return env[name]
    inner = f"{base}.{name}" if base else name
    if inner in world.modules:
        return reference(Ref("module", inner))
    if env is not None:
        return CLEAN  # not read yet
    return import_name(world, inner)


# Choices and loops.


def _if(world: World, frame: Frame, node: ast.If) -> bool:
    evaluate(world, frame, node.test)
    if _is_main(node.test):
        return True
    before = dict(frame.env)
    when, otherwise = falsy_names(node.test)
    first = _branch(world, frame, node.body, {**before, **{name: CLEAN for name in when if name in before}})
    second = _branch(world, frame, node.orelse, {**before, **{name: CLEAN for name in otherwise if name in before}})
    if second is not None and not node.orelse:
        second = before
    if first is not None and when:
        # What was empty in the branch and is not set there is as it was.
        first = {
            name: before[name] if name in when and name in before and value is CLEAN else value
            for name, value in first.items()
        }
    return _after(frame, first, second)


def _is_main(test: ast.expr) -> bool:
    """`if __name__ == "__main__":`, which is no part of the source."""
    return isinstance(test, ast.Compare) and isinstance(test.left, ast.Name) and test.left.id == "__name__"


def _while(world: World, frame: Frame, node: ast.While) -> bool:
    forever = isinstance(node.test, ast.Constant) and bool(node.test.value)
    _turn(world, frame, node.body, lambda: evaluate(world, frame, node.test))
    if node.orelse:
        run(world, frame, node.orelse)
    return not forever or _has_break(node.body)


def _for(world: World, frame: Frame, node: ast.For | ast.AsyncFor) -> bool:
    def looks() -> list[ast.expr]:
        choices = [each for each in ast.walk(node) if isinstance(each, ast.If | ast.IfExp)]
        return [each.test for each in choices] + [each for each in choices if isinstance(each, ast.IfExp)]

    def begin() -> None:
        given = element(world, frame, node.iter, evaluate(world, frame, node.iter))
        bind_loop(world, frame, node.target, given, looks, filtered=True)

    _turn(world, frame, node.body, begin)
    if node.orelse:
        run(world, frame, node.orelse)
    return True


def _turn(world: World, frame: Frame, body: list[ast.stmt], begin: Callable[[], object]) -> None:
    """Read a loop's body until nothing new comes of it."""
    frame.exits.append([])
    for _ in range(_MOST_TURNS):
        before = dict(frame.env)
        begin()
        run(world, frame, body)
        merged = _joined_env(before, frame.env, *frame.exits[-1])
        _become(frame, merged)
        if merged == before:
            break
    frame.exits.pop()


def _has_break(body: list[ast.stmt]) -> bool:
    return any(isinstance(each, ast.Break) for statement in body for each in ast.walk(statement))


def _with(world: World, frame: Frame, node: ast.With | ast.AsyncWith) -> bool:
    captured = frame.captured
    for item in node.items:
        value = evaluate(world, frame, item.context_expr)
        frame.captured += any(
            ref.name.endswith(("redirect_stdout", "redirect_stderr")) for ref in value.kinds("object")
        )
        entered = _entered(world, frame, item.context_expr, value)
        if item.optional_vars is not None:
            assign(world, frame, item.optional_vars, entered)
    alive = run(world, frame, node.body)
    frame.captured = captured
    return alive


def _entered(world: World, frame: Frame, node: ast.expr, value: Value) -> Value:
    found = BOTTOM
    for ref in value.kinds("instance"):
        for name in ("__enter__", "__aenter__"):
            method = world.in_class(ref.name, name)
            if method is not None:
                found = join(
                    found,
                    call(world, frame, bound(world, frame, method, reference(ref), CLEAN, node), Arguments(), node),
                )
    if not found.is_bottom:
        return found
    # A generator that is a context manager gives its only element.
    if value.rest is not None and not value.items and not value.refs:
        return value.rest
    return value


def _try(world: World, frame: Frame, node: ast.Try) -> bool:
    before = dict(frame.env)
    frame.raising.append({})
    alive = run(world, frame, node.body)
    after = dict(frame.env) if alive else None
    raised = frame.raising.pop()
    caught = [_catches(handler) for handler in node.handlers]
    if not any(caught):
        may_raise(frame, raised)
    if after is not None and node.orelse:
        after = _branch(world, frame, node.orelse, after)
    ends = [after]
    middle = _joined_env(before, frame.env)
    for handler, catches in zip(node.handlers, caught, strict=True):
        ends.append(_handle(world, frame, handler, raised if catches else {}, middle))
    alive = _after(frame, *ends)
    if node.finalbody:
        if not alive:
            _become(frame, middle)
        alive = run(world, frame, node.finalbody) and alive
    return alive


def _handle(
    world: World, frame: Frame, handler: ast.ExceptHandler, raised: dict[Any, Any], before: dict[str, Value]
) -> dict[str, Value] | None:
    env = dict(before)
    if handler.name is not None:
        env[handler.name] = Value(taints=raised, refs=frozenset({Ref("exception")}))
    frame.handling.append(raised)
    try:
        return _branch(world, frame, handler.body, env)
    finally:
        frame.handling.pop()


# What stands for the failures of HTTP libraries, or for more than those.
_WIDE: Final = frozenset(
    {
        *(
            "Exception",
            "BaseException",
            "OSError",
            "IOError",
            "EnvironmentError",
            "RequestException",
            "HTTPError",
            "ConnectionError",
        ),
        *(
            "TransportError",
            "RequestError",
            "ClientError",
            "ClientResponseError",
            "HTTPStatusError",
            "MaxRetryError",
            "Timeout",
            "ReadTimeout",
        ),
    }
)


def _catches(handler: ast.ExceptHandler) -> bool:
    """Whether it catches what an HTTP library raises."""
    if handler.type is None:
        return True
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    names = [
        each.attr if isinstance(each, ast.Attribute) else each.id if isinstance(each, ast.Name) else ""
        for each in kinds
    ]
    # A name that holds several is taken for all of them: RETRYABLE = (ConnectionError, Timeout).
    return any(name in _WIDE or name.isupper() for name in names)


def _match(world: World, frame: Frame, node: ast.Match) -> bool:
    subject = evaluate(world, frame, node.subject)
    before = dict(frame.env)
    ends: list[dict[str, Value] | None] = [before]
    for case in node.cases:
        _become(frame, before)
        capture(world, frame, case.pattern, subject)
        if case.guard is not None:
            evaluate(world, frame, case.guard)
        env = dict(frame.env)
        ends.append(_branch(world, frame, case.body, env))
    return _after(frame, *ends)


# Definitions.


_READERS: Final[dict[type[ast.stmt], Callable[[World, Frame, Any], bool | None]]] = {
    ast.Expr: _expression,
    ast.Assign: _assign,
    ast.AnnAssign: _annotated,
    ast.AugAssign: _augmented,
    ast.Return: _return,
    ast.Raise: _raise,
    ast.Break: _stop,
    ast.Continue: _stop,
    ast.Delete: _delete,
    ast.Assert: _assert,
    ast.Global: _global,
    ast.Nonlocal: _nonlocal,
    ast.Import: _import,
    ast.ImportFrom: _import_from,
    ast.If: _if,
    ast.While: _while,
    ast.For: _for,
    ast.AsyncFor: _for,
    ast.With: _with,
    ast.AsyncWith: _with,
    ast.Try: _try,
    ast.TryStar: _try,
    ast.Match: _match,
    ast.FunctionDef: define_function,
    ast.AsyncFunctionDef: define_function,
    ast.ClassDef: define_class,
}
