"""Reads tests and tells which of them assert nothing: such a test passes as long as nothing raises, whatever comes out.

Read, not run. In doubt a test asserts: helpers are known by their name alone, and whatever is called assert_..., check_...
or expect_... in a library is taken at its word.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

__all__ = ["Suite", "read_suite"]

_Function = ast.FunctionDef | ast.AsyncFunctionDef

# Names of calls that fail where something is not as it should be: pytest.raises, self.assertEqual, mock.assert_called,
# server.check_assertions, expect(...).
_TELLING: Final = re.compile(
    r"(?i)^_*(assert|check|verify|expect|ensure|raises|warns|deprecated_call|fail|must|should)"
)

# Handlers of these let no failed assertion through.
_CATCH_ALL: Final = frozenset({"AssertionError", "Exception", "BaseException"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """The functions of a project's test files.

    Attributes:
        functions: for each name, all the functions that have it, in whatever file or class.
        places: the functions by file, class ("" for none) and name.
    """

    functions: Mapping[str, tuple[_Function, ...]]
    places: Mapping[tuple[str, str, str], _Function]

    def asserts(self, path: str, cls: str, name: str) -> bool | None:
        """Whether a test asserts something; None: it is not there to be read."""
        function = self.places.get((path, cls, name)) or self.places.get((path, "", name))
        if function is None:
            # Inherited, or made by a decorator.
            return None
        # Whatever a test itself raises, it raises because something is wrong.
        return any(isinstance(node, ast.Raise) for node in _live(function)) or self._does(function, frozenset())

    def _does(self, function: _Function, seen: frozenset[_Function]) -> bool:
        if function in seen:
            return False
        seen |= {function}
        if any(_is_property_test(each) for each in function.decorator_list):
            return True
        if any(_fails(node) for node in _live(function)):
            return True
        names = {*_called(function), *_arguments(function), *_used_fixtures(function)}
        return (
            any(self._does(helper, seen) for name in names for helper in self.functions.get(name, ()))
            or any(_TELLING.match(name) and name not in self.functions for name in _called(function))
            or any(name not in self.functions for name in _own_attributes(function))
        )


def read_suite(files: Mapping[str, str]) -> Suite:
    """Read the test files, given as text by their path; a file that is no Python is passed over."""
    functions: dict[str, list[_Function]] = {}
    places: dict[tuple[str, str, str], _Function] = {}
    for path, text in files.items():
        try:
            tree = ast.parse(text)
        except (SyntaxError, ValueError):
            continue
        for node in ast.walk(tree):
            if isinstance(node, _Function):
                functions.setdefault(node.name, []).append(node)
        for cls, function in _members(tree.body, ""):
            places[path, cls, function.name] = function
    return Suite(functions={name: tuple(found) for name, found in functions.items()}, places=places)


def _members(body: Iterable[ast.stmt], cls: str) -> Iterator[tuple[str, _Function]]:
    for node in body:
        if isinstance(node, _Function):
            yield cls, node
        elif isinstance(node, ast.ClassDef):
            yield from _members(node.body, node.name)
        elif isinstance(node, ast.If | ast.Try):
            yield from _members(node.body, cls)


def _live(node: ast.AST) -> Iterator[ast.AST]:
    """All that is in a function, but for what stands where no failed assertion gets out."""
    for child in ast.iter_child_nodes(node):
        if isinstance(node, ast.Try) and child in node.body and any(_swallows(each) for each in node.handlers):
            continue
        yield child
        yield from _live(child)


def _swallows(handler: ast.ExceptHandler) -> bool:
    types = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    catches = any(each is None or (isinstance(each, ast.Name) and each.id in _CATCH_ALL) for each in types)
    return catches and not any(
        isinstance(each, ast.Raise | ast.Assert) or _telling_call(each) for each in ast.walk(handler)
    )


def _fails(node: ast.AST) -> bool:
    """Whether this can make a test fail."""
    if isinstance(node, ast.Assert):
        return not _is_always_true(node.test)
    match node:
        case ast.Call(func=ast.Attribute(value=ast.Name(id="pytest"), attr=name)):
            # Whatever functions of the project's have the same name.
            return bool(_TELLING.match(name))
        case ast.Raise(exc=ast.Name(id=name) | ast.Call(func=ast.Name(id=name))):
            return name in ("AssertionError", "Failed")
    return False


def _is_always_true(test: ast.expr) -> bool:
    """`assert True`, and `assert (value, "message")`, which is a tuple."""
    match test:
        case ast.Constant(value=value):
            return bool(value)
        case ast.Tuple(elts=elements):
            return bool(elements)
        case ast.BoolOp(op=ast.Or(), values=values):
            return any(_is_always_true(each) for each in values)
        case ast.Compare(left=ast.Name() | ast.Constant() as left, ops=[ast.Eq() | ast.Is()], comparators=[right]):
            return ast.dump(left) == ast.dump(right)
    return False


def _called(function: _Function) -> Iterator[str]:
    for node in _live(function):
        if isinstance(node, ast.Call):
            match node.func:
                case ast.Name(id=name) | ast.Attribute(attr=name):
                    yield name


def _own_attributes(function: _Function) -> Iterator[str]:
    """What is called as `self.name()`: where it is no method, somebody has put a function there."""
    for node in _live(function):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id="self"), attr=name)):
                yield name


def _telling_call(node: ast.AST) -> bool:
    match node:
        case ast.Call(func=ast.Name(id=name)) | ast.Call(func=ast.Attribute(attr=name)):
            return bool(_TELLING.match(name))
    return False


def _arguments(function: _Function) -> Iterator[str]:
    """The fixtures that a test asks for: one may assert when the test is over, or give a function that does."""
    yield from (each.arg for each in (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs))


def _used_fixtures(function: _Function) -> Iterator[str]:
    for decorator in function.decorator_list:
        if (
            isinstance(decorator, ast.Call)
            and isinstance(decorator.func, ast.Attribute)
            and decorator.func.attr == "usefixtures"
        ):
            yield from (
                each.value for each in decorator.args if isinstance(each, ast.Constant) and isinstance(each.value, str)
            )


def _is_property_test(decorator: ast.expr) -> bool:
    """Whether hypothesis looks for inputs on which it raises: then that it does not is what it tests."""
    called = decorator.func if isinstance(decorator, ast.Call) else decorator
    match called:
        case ast.Name(id="given") | ast.Attribute(attr="given"):
            return True
    return False
