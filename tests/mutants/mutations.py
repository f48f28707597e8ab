"""The small ways in which the judging code is broken: Cosmic Ray's operators, a few of our own, and what is left alone.

Left alone is what only words depend on: what the tests of the texts are for.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import parso
from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.mutating import mutate_code
from cosmic_ray.operators.operator import Operator
from cosmic_ray.plugins import get_operator

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from parso.tree import NodeOrLeaf

# Of Cosmic Ray's. Not `and` for `or` and not a `not` before a condition: whoever notices those has noticed one of ours. Of
# the comparisons, the opposite and the next one.
COSMIC = (
    *("NumberReplacer", "ReplaceTrueWithFalse", "ReplaceFalseWithTrue", "ZeroIterationForLoop", "ExceptionReplacer"),
    *("ReplaceBreakWithContinue", "ReplaceContinueWithBreak", "ReplaceUnaryOperator_Delete_Not"),
    *("ReplaceUnaryOperator_Delete_USub", "ReplaceUnaryOperator_USub_UAdd"),
    *(
        f"ReplaceBinaryOperator_{pair}"
        for pair in ("Add_Sub", "Sub_Add", "Mul_Div", "Mul_FloorDiv", "FloorDiv_Mul", "Mod_Mul")
    ),
    *(
        f"ReplaceComparisonOperator_{pair}"
        for pair in (
            "Eq_NotEq",
            "NotEq_Eq",
            "Is_IsNot",
            "IsNot_Is",
            "Lt_LtE",
            "Lt_GtE",
            "LtE_Lt",
            "LtE_Gt",
            "Gt_GtE",
            "Gt_LtE",
        )
    ),
    *("ReplaceComparisonOperator_GtE_Gt", "ReplaceComparisonOperator_GtE_Lt"),
)

# What is called with words.
WORDS_TO = {"Finding", "passed", "skipped"}

# What holds words.
WORDS_IN = {
    *(
        "received",
        "fix",
        "expected",
        "place",
        "more",
        "said",
        "shown",
        "note",
        "notes",
        "replay",
        "written",
        "about",
        "processes",
    ),
    *(
        "reason",
        "by",
        "kind",
        "what",
        "when",
        "size",
        "text",
        "name",
        "changed",
        "what",
        "warning",
        "detail",
        "looked_at",
    ),
    *("near", "of_all", "other", "meant", "no_stream", "parts", "__all__"),
}


class _Replacing(Operator):
    """Puts a word in the place of a node."""

    word = ""

    def mutation_positions(self, node: NodeOrLeaf) -> Iterator[tuple[tuple[int, int], tuple[int, int]]]:
        for place in self.places(node):
            part = node.children[place]
            yield part.start_pos, part.end_pos

    def mutate(self, node: NodeOrLeaf, index: int) -> NodeOrLeaf:
        place = list(self.places(node))[index]
        word = self.word_for(node)
        prefix = node.children[place].get_first_leaf().prefix
        node.children[place] = parso.parse(f"{prefix}{word}")
        return node

    def places(self, node: NodeOrLeaf) -> Iterator[int]:
        """Which children of a node to replace."""
        raise NotImplementedError

    def word_for(self, _node: NodeOrLeaf) -> str:
        return self.word

    @classmethod
    def examples(cls) -> tuple[()]:
        return ()


class OperandDropped(_Replacing):
    """`a and b` without its a, and without its b; likewise `a or b`."""

    def places(self, node: NodeOrLeaf) -> Iterator[int]:
        if node.type in {"and_test", "or_test"}:
            yield from range(0, len(node.children), 2)

    def word_for(self, node: NodeOrLeaf) -> str:
        return "True" if node.type == "and_test" else "False"


class _Condition(_Replacing):
    def places(self, node: NodeOrLeaf) -> Iterator[int]:
        if node.type == "if_stmt":
            yield from (place + 1 for place, child in enumerate(node.children) if _is_word(child, "if", "elif"))
        elif node.type == "comp_if":
            yield 1
        elif node.type == "ternary" or (node.type == "test" and _is_word(node.children[1], "if")):
            yield 2
        elif node.type == "while_stmt" and self.word == "False":
            yield 1


class ConditionAlways(_Condition):
    """What follows an `if` is done in any case."""

    word = "True"


class ConditionNever(_Condition):
    """What follows an `if` or `while` is never done."""

    word = "False"


class StatementDropped(_Replacing):
    """A call for its effect, `x += y`, `continue` and `break` left out."""

    word = "pass"

    def places(self, node: NodeOrLeaf) -> Iterator[int]:
        if node.type == "simple_stmt":
            first = node.children[0]
            augmented = (
                first.type == "expr_stmt" and first.children[1].type == "operator" and first.children[1].value != "="
            )
            augmented = augmented or (first.type == "expr_stmt" and first.children[1].type == "augassign")
            if augmented or first.type in {"atom_expr", "power"} or _is_word(first, "continue", "break"):
                yield 0


def _is_word(node: NodeOrLeaf, *words: str) -> bool:
    return node.type == "keyword" and node.value in words


OWN = (OperandDropped, ConditionAlways, ConditionNever, StatementDropped)


@dataclass(frozen=True, kw_only=True)
class Mutant:
    """A module of checks with one thing changed.

    Attributes:
        function: where, as `module.Class.method`; for what is outside of any, `module`.
        operator: what was done. `was` and `now`: the lines that it changed.
    """

    module: str
    function: str
    operator: str
    line: int
    was: str
    now: str
    code: str

    @property
    def key(self) -> tuple[str, str, str]:
        """What it is known by, wherever its line goes."""
        return self.function, self.was, self.now

    @property
    def file(self) -> str:
        """The module, as the command line takes it: `faults`."""
        return self.function.partition(".")[0]

    def __str__(self) -> str:
        return f"{self.function}:{self.line} ({self.operator})\n    - {self.was}\n    + {self.now}"


def mutants_of(path: Path) -> list[Mutant]:
    """All of a module, in the order of its lines."""
    source = Source(path)
    found: dict[str, Mutant] = {}
    operators = [(name, get_operator(f"core/{name}")()) for name in COSMIC] + [(each.__name__, each()) for each in OWN]
    tree = get_ast(source.text)
    for name, operator in operators:
        positions = [position for node in ast_nodes(tree) for position in operator.mutation_positions(node)]
        for occurrence, ((line, column), _) in enumerate(positions):
            if source.is_left_alone(line, column):
                continue
            code = mutate_code(source.text, operator, occurrence)
            if code is None or code in found or not _is_python(code):
                continue
            was, now = _changed(source.text, code)
            found[code] = Mutant(
                module=source.name,
                function=".".join(filter(None, (path.stem, source.function_at(line)))),
                operator=name,
                line=line,
                was=was,
                now=now,
                code=code,
            )
    return sorted(found.values(), key=lambda mutant: mutant.line)


def _is_python(code: str) -> bool:
    try:
        compile(code, "a mutant", "exec")
    except SyntaxError:
        return False
    return True


def _changed(old: str, new: str) -> tuple[str, str]:
    """The lines in which two texts differ, each as one: there is one place in which they do."""
    before, after = old.splitlines(), new.splitlines()
    head = _alike(before, after)
    before, after = before[head:], after[head:]
    tail = _alike(before[::-1], after[::-1])
    was, now = (" ".join(map(str.strip, lines[: len(lines) - tail])) for lines in (before, after))
    return was, now


def _alike(one: list[str], other: list[str]) -> int:
    """How many lines two texts have in common at their beginning."""
    return next(
        (number for number, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )


class Source:
    """The text of a module, and what is where in it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.text = path.read_text(encoding="utf-8")
        self.tree = ast.parse(self.text)
        self.name = f"panoply_testing.checks.{path.stem}" if path.stem != "__init__" else "panoply_testing.checks"

    def function_at(self, line: int) -> str:
        """The outermost function or method around a line; empty: there is none."""
        return next((name for name, first, last in self._functions if first <= line <= last), "")

    @cached_property
    def _functions(self) -> list[tuple[str, int, int]]:
        found = []
        for node in self.tree.body:
            inner = node.body if isinstance(node, ast.ClassDef) else [node]
            prefix = f"{node.name}." if isinstance(node, ast.ClassDef) else ""
            for each in inner:
                if isinstance(each, ast.FunctionDef):
                    first = min([each.lineno, *(decorator.lineno for decorator in each.decorator_list)])
                    found.append((prefix + each.name, first, each.end_lineno or first))
        return found

    def is_left_alone(self, line: int, column: int) -> bool:
        """Whether only words, types, or what a dataclass is like depend on what is there."""
        return any(start <= (line, column) < end for start, end in self._alone)

    @cached_property
    def _alone(self) -> list[tuple[tuple[int, int], tuple[int, int]]]:
        return [_span(node) for each in ast.walk(self.tree) for node in _words_of(each)]


def _span(node: ast.AST) -> tuple[tuple[int, int], tuple[int, int]]:
    return (node.lineno, node.col_offset), (node.end_lineno, node.end_col_offset)


def _words_of(node: ast.AST) -> Iterator[ast.AST]:
    match node:
        case ast.FunctionDef(returns=ast.Name(id="str")):
            yield node
        case ast.FunctionDef():
            yield from filter(
                None, (node.returns, *(each.annotation for each in (*node.args.args, *node.args.kwonlyargs)))
            )
        case ast.Assign() | ast.AugAssign() | ast.AnnAssign():
            if isinstance(node, ast.AnnAssign):
                yield node.annotation
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names = [each for target in targets for each in ast.walk(target) if isinstance(each, ast.Name)]
            if all(name.id in WORDS_IN for name in names):
                yield node
        case ast.Call(func=ast.Name(id=name)) if name in WORDS_TO:
            yield node
        case ast.JoinedStr():
            yield node
        case ast.If(test=ast.Name(id="TYPE_CHECKING")):
            yield node
        case ast.Call(func=ast.Name(id="dataclass" | "field")) | ast.ImportFrom() | ast.Import() | ast.Assert():
            yield node
