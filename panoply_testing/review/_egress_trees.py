"""A source's files as the rules about its connections read them: trees that know what each piece is in."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["Place", "Tree", "named_at", "parsed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Something in the code, and where. `what`: as the beginning of a sentence."""

    path: str
    line: int
    column: int
    what: str


@dataclass(frozen=True, slots=True)
class Tree:
    """One file, parsed; and what each piece of code is in."""

    path: str
    root: ast.Module
    parents: dict[ast.AST, ast.AST] = field(default_factory=dict)

    def above(self, node: ast.AST) -> Iterator[ast.AST]:
        """What a piece of code is in, the nearest first, up to the statement."""
        while not isinstance(node, ast.stmt) and node in self.parents:
            node = self.parents[node]
            yield node

    def place(self, node: ast.expr | ast.stmt, what: str) -> Place:
        """Where a piece of code is."""
        return Place(path=self.path, line=node.lineno, column=node.col_offset + 1, what=what)


def parsed(texts: Mapping[str, str]) -> list[Tree]:
    """The files that are Python."""
    found = []
    for path, text in sorted(texts.items()):
        try:
            root = ast.parse(text)
        except (SyntaxError, ValueError):
            continue
        parents = {child: node for node in ast.walk(root) for child in ast.iter_child_nodes(node)}
        found.append(Tree(path, root, parents))
    return found


def named_at(texts: Mapping[str, str], host: str) -> Place | None:
    """Where the code names a host, if it does."""
    pattern = re.compile(rf"(?i)(?<![\w.-]){re.escape(host)}(?![\w-]|\.\w)")
    for tree in parsed(texts):
        for node in ast.walk(tree.root):
            match node:
                case ast.Constant(value=str(text)) if pattern.search(text) and not _is_only_told(tree, node):
                    return tree.place(node, host)
    return None


# Calls by which people are told something, and keys under which they read it; a default is what a param names.
_TELLING: Final = frozenset({"log", "debug", "info", "warning", "error", "exception", "critical", "print", "progress"})
_READ: Final = frozenset(
    {"default", "description", "help", "icon", "link", "name", "placeholder", "title", "$schema", "xmlns"}
)


def _is_only_told(tree: Tree, node: ast.expr) -> bool:
    """Whether a text is there for people, or as what a param is when nobody fills it in."""
    child: ast.AST = node
    for above in tree.above(node):
        match above:
            case ast.Raise() | ast.Assert() | ast.Expr(value=ast.Constant()):
                return True
            case ast.Call(func=ast.Attribute(attr=name) | ast.Name(id=name)) if name in _TELLING:
                return True
            case ast.Dict(keys=keys, values=values):
                for key, value in zip(keys, values, strict=True):
                    if value is child and isinstance(key, ast.Constant) and key.value in _READ:
                        return True
        child = above
    return False
