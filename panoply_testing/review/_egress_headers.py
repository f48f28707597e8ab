"""Finds the headers with a credential that a library sends on to whatever host the far end redirects to."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from panoply_testing._redirects import is_secret_header
from panoply_testing.review._egress_trees import Place, Tree, parsed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["carried_headers"]

# What each library takes out of a request that is sent on to another host, and whether it sends any on by itself.
_STRIPPED: Final = {
    "requests": frozenset({"authorization", "cookie"}),
    "aiohttp": frozenset({"authorization", "cookie", "proxy-authorization"}),
    "httpx": frozenset({"authorization", "cookie"}),
    "urllib.request": frozenset[str](),
}


def carried_headers(texts: Mapping[str, str]) -> Iterator[tuple[Place, str]]:
    """Each header with a credential that a redirect to another host takes along; with the library that sends it."""
    trees = parsed(texts)
    words = {
        name for tree in trees for node in ast.walk(tree.root) for name in _names_of(node) if "redirect" in name.lower()
    }
    follows = any(_follows(node) for tree in trees for node in ast.walk(tree.root))
    # Whoever speaks of redirects has thought of them, unless it is to have them followed.
    if words - {"follow_redirects", "allow_redirects"} or (words and not follows):
        return
    for tree in trees:
        libraries = _libraries(tree.root)
        if not libraries or (libraries == {"httpx"} and not follows):
            continue
        [library, *others] = sorted(libraries)
        for node in [] if others else ast.walk(tree.root):
            for name, at in _headers(node, tree):
                plain = name.lower()
                if is_secret_header(name) and plain not in _STRIPPED[library]:
                    yield tree.place(at, name), library


def _names_of(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name) | ast.keyword(arg=str(name)):
            yield name
        case ast.ClassDef(name=name) | ast.FunctionDef(name=name) | ast.alias(name=name):
            yield name


def _follows(node: ast.AST) -> bool:
    match node:
        case ast.keyword(arg="follow_redirects" | "allow_redirects", value=ast.Constant(value=True)):
            return True
        case ast.Assign(targets=[ast.Attribute(attr="follow_redirects")], value=ast.Constant(value=True)):
            return True
    return False


def _libraries(root: ast.Module) -> set[str]:
    """Which of them a file sends requests with."""
    found = set()
    for node in ast.walk(root):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        found |= {library for library in _STRIPPED for name in names if f"{name}.".startswith(f"{library}.")}
    if not any(name in _OPENING for node in ast.walk(root) for name in _names_of(node)):
        # It has much else that others make use of.
        found -= {"urllib.request"}
    return found


_OPENING: Final = frozenset({"urlopen", "build_opener", "install_opener", "OpenerDirector", "Request"})


def _headers(node: ast.AST, tree: Tree) -> Iterator[tuple[str, ast.expr]]:
    """The names of headers that a piece of code sets."""
    match node:
        case ast.keyword(arg="headers", value=ast.Dict() as given):
            yield from _keys(given)
        case ast.Call():
            yield from _by_call(node)
        case ast.Assign(targets=[ast.Subscript(value=value, slice=ast.Constant(value=str(name)) as key)]):
            if _is_headers(value):
                yield name, key
        case ast.Assign(targets=[target], value=ast.Dict() as given):
            if _is_headers(target):
                yield from _keys(given)
        case ast.Return(value=ast.Dict() as given):
            above: ast.AST = node
            while above in tree.parents and not isinstance(above, ast.FunctionDef | ast.AsyncFunctionDef):
                above = tree.parents[above]
            if isinstance(above, ast.FunctionDef | ast.AsyncFunctionDef) and "headers" in above.name.lower():
                yield from _keys(given)


def _by_call(call: ast.Call) -> Iterator[tuple[str, ast.expr]]:
    match call:
        case ast.Call(func=ast.Attribute(attr="update", value=value), args=[ast.Dict() as given]) if _is_headers(value):
            yield from _keys(given)
        case ast.Call(func=ast.Attribute(attr="Request") | ast.Name(id="Request"), args=[_, _, ast.Dict() as given]):
            yield from _keys(given)
        case ast.Call(func=ast.Attribute(attr="add_header"), args=[ast.Constant(value=str(name)) as key, *_]):
            yield name, key


def _is_headers(node: ast.expr) -> bool:
    name = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
    return "headers" in name.lower()


def _keys(given: ast.Dict) -> Iterator[tuple[str, ast.expr]]:
    for key in given.keys:
        if isinstance(key, ast.Constant) and isinstance(key.value, str):
            yield key.value, key
