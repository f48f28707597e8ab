"""A source's files as the rules about its connections read them: trees that know what each piece is in."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

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
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and pattern.search(node.value):
                return tree.place(node, host)
    return None
