"""Small mistakes, made in a source's code on purpose: texts in, texts out. Whether anything notices them, others find out.

They are of the kinds that lose rows or hide failures: an end that comes too early or never, a page that is counted wrongly,
progress and state that are not reported, an error that is not raised. Left alone is what may be changed without changing
anything: words, time limits, what a function is called.
"""

from __future__ import annotations

import ast
import random
import re
import zlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["Mutant", "choose", "mutants_of", "seed_of"]

_Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True, kw_only=True)
class Mutant:
    """One mistake.

    Attributes:
        path: the file that it is in; `line`: counted from 1; `function`: the one that it is in.
        kind: what it is about: end, calls, counting, errors, bodies, conditions, results.
        what: what was done, as the beginning of a sentence: "`page + 1` is `page + 0`".
        text: the whole file with it.
    """

    path: str
    line: int
    function: str
    kind: str
    what: str
    text: str = field(repr=False)


# In this order they are chosen from, one of each in turn.
_KINDS: Final = ("end", "calls", "counting", "errors", "bodies", "conditions", "results")

# What tells somebody something that they rely on.
_TELLING: Final = frozenset({"progress", "state", "raise_for_status", "commit"})

# A function that is only there to be looked at.
_SHOWN: Final = re.compile(r"__(?:repr|str|format|hash|eq|del)__|_?(?:log|describe|explain)\w*")

_OPPOSITE: Final = {
    ast.Eq: ("==", "!="),
    ast.NotEq: ("!=", "=="),
    ast.Is: ("is", "is not"),
    ast.IsNot: ("is not", "is"),
    ast.In: ("in", "not in"),
    ast.NotIn: ("not in", "in"),
    ast.Lt: ("<", ">="),
    ast.LtE: ("<=", ">"),
    ast.Gt: (">", "<="),
    ast.GtE: (">=", "<"),
}
_NEXT: Final = {ast.Lt: ("<", "<="), ast.LtE: ("<=", "<"), ast.Gt: (">", ">="), ast.GtE: (">=", ">")}

# Beyond this it is cut, in a message.
_LONGEST: Final = 60


def seed_of(texts: Mapping[str, str]) -> int:
    """The same for the same code, so that who mends something sees the same mistakes again."""
    return zlib.crc32("\0".join(f"{path}\0{text}" for path, text in sorted(texts.items())).encode())


def choose(mutants: list[Mutant], number: int, seed: int) -> list[Mutant]:
    """So many of them, of all kinds and out of as many functions as there are."""
    drawn = list(mutants)
    random.Random(seed).shuffle(drawn)  # noqa: S311 - to be repeated, not to be secret
    chosen: list[Mutant] = []
    used: set[tuple[str, str]] = set()
    while drawn and len(chosen) < number:
        for kind in _KINDS:
            of_kind = [each for each in drawn if each.kind == kind]
            if of_kind and len(chosen) < number:
                one = next((each for each in of_kind if (each.path, each.function) not in used), of_kind[0])
                chosen.append(one)
                used.add((one.path, one.function))
                drawn.remove(one)
    return chosen


def mutants_of(texts: Mapping[str, str]) -> list[Mutant]:
    """All mistakes that can be made in these files."""
    return [mutant for path, text in sorted(texts.items()) for mutant in _of_file(path, text)]


def _of_file(path: str, text: str) -> Iterator[Mutant]:
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError):
        return
    file = _File(path, text)
    for name, function in _functions(tree):
        for kind, node, new, what in _changes(name, function, file):
            changed = file.replaced(node, new)
            if _parses(changed):
                yield Mutant(path=path, line=node.lineno, function=name, kind=kind, what=what, text=changed)


def _parses(text: str) -> bool:
    try:
        ast.parse(text)
    except (SyntaxError, ValueError):
        return False
    return True


@dataclass(frozen=True, slots=True)
class _Span:
    """From where to where a piece of code goes, as `ast` counts: lines from 1, bytes from 0."""

    lineno: int
    col_offset: int
    end_lineno: int
    end_col_offset: int

    @classmethod
    def of(cls, first: ast.stmt | ast.expr, last: ast.stmt | ast.expr | None = None) -> _Span:
        last = last or first
        return cls(
            first.lineno, first.col_offset, last.end_lineno or last.lineno, last.end_col_offset or last.col_offset
        )


class _File:
    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.lines = text.encode().splitlines(keepends=True)
        self.starts = [0]
        for line in self.lines:
            self.starts.append(self.starts[-1] + len(line))
        self.data = text.encode()

    def at(self, line: int, column: int) -> int:
        return self.starts[line - 1] + column

    def of(self, span: _Span) -> str:
        data = self.data[self.at(span.lineno, span.col_offset) : self.at(span.end_lineno, span.end_col_offset)]
        return data.decode()

    def shown(self, node: ast.stmt | ast.expr) -> str:
        """A piece of code, as a message quotes it: in one line, and not for ever."""
        text = " ".join(self.of(_Span.of(node)).split())
        return f"`{text}`" if len(text) <= _LONGEST else f"`{text[:_LONGEST]}...`"

    def replaced(self, span: _Span, new: str) -> str:
        start, end = self.at(span.lineno, span.col_offset), self.at(span.end_lineno, span.end_col_offset)
        return (self.data[:start] + new.encode() + self.data[end:]).decode()


def _functions(tree: ast.Module) -> Iterator[tuple[str, _Function]]:
    """Functions and methods; not those inside of functions, which belong to them."""
    for node in tree.body:
        if isinstance(node, _Function):
            yield node.name, node
        elif isinstance(node, ast.ClassDef):
            for inner in node.body:
                if isinstance(inner, _Function) and not _SHOWN.fullmatch(inner.name):
                    yield f"{node.name}.{inner.name}", inner


_Change = tuple[str, _Span, str, str]


def _changes(name: str, function: _Function, file: _File) -> Iterator[_Change]:
    body = function.body[1:] if ast.get_docstring(function, clean=False) is not None else function.body
    if not body or all(_is_nothing(each) for each in body):
        return
    if not name.endswith("__init__") and not function.decorator_list:
        yield "bodies", _Span.of(body[0], body[-1]), "pass", f"{name} does nothing"
    is_read = name.rpartition(".")[2] == "read"
    for statement in body:
        for node in _code(statement):
            yield from _of_node(node, file, is_read=is_read)


def _is_nothing(statement: ast.stmt) -> bool:
    """Whether it is as good as `pass`."""
    match statement:
        case ast.Pass() | ast.Raise() | ast.Expr(value=ast.Constant()) | ast.Return(value=None | ast.Constant()):
            return True
    return False


# What these are given are words, or limits that no test can wait for.
_UNSEEN: Final = frozenset({"log", "debug", "info", "warning", "error", "exception", "critical", "print", "warn"})


def _code(node: ast.AST) -> Iterator[ast.AST]:
    """What is in a piece of code, but for what is logged, what an error says, and annotations."""
    match node:
        case ast.Call(func=ast.Attribute(attr=name) | ast.Name(id=name)) if name in _UNSEEN:
            return
        case ast.Raise() | ast.JoinedStr():
            yield node
            return
    yield node
    for child in ast.iter_child_nodes(node):
        if isinstance(node, ast.AnnAssign) and child is node.annotation:
            continue
        yield from _code(child)


def _of_node(node: ast.AST, file: _File, *, is_read: bool) -> Iterator[_Change]:
    match node:
        case ast.Return():
            yield from _of_return(node, file, is_read=is_read)
        case ast.Raise():
            yield "errors", _Span.of(node), "pass", f"{file.shown(node)} is left out"
        case ast.Expr(value=ast.Call() as call) | ast.Expr(value=ast.Await(value=ast.Call() as call)):
            called = call.func.attr if isinstance(call.func, ast.Attribute) else ""
            if called in _TELLING:
                yield "calls", _Span.of(node), "pass", f"{file.shown(node)} is left out"
        case ast.If(test=test) if not isinstance(test, ast.Compare):
            yield "conditions", _Span.of(test), f"not ({file.of(_Span.of(test))})", f"{file.shown(test)} is negated"
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            yield from _of_comparison(left, op, right, file)
        case ast.BinOp() | ast.AugAssign():
            yield from _of_counting(node, file)


def _of_counting(node: ast.BinOp | ast.AugAssign, file: _File) -> Iterator[_Change]:
    match node:
        case ast.BinOp(op=ast.Add() | ast.Sub(), right=ast.Constant(value=1) as one) if _is_one(one):
            yield "counting", _Span.of(one), "0", f"{file.shown(node)} has 0 for 1"
        case ast.AugAssign(op=ast.Add() | ast.Sub(), value=ast.Constant(value=1) as one) if _is_one(one):
            yield "counting", _Span.of(one), "2", f"{file.shown(node)} has 2 for 1"
        case ast.AugAssign(op=ast.Add()):
            yield "counting", _Span.of(node), "pass", f"{file.shown(node)} is left out"


def _is_one(constant: ast.Constant) -> bool:
    return type(constant.value) is int


def _of_return(node: ast.Return, file: _File, *, is_read: bool) -> Iterator[_Change]:
    value = node.value
    if value is None or (isinstance(value, ast.Constant) and value.value is None):
        if is_read:
            yield "end", _Span.of(node), "return []", f"{file.shown(node)} is `return []`"
    elif not isinstance(value, ast.Constant) or value.value:
        kind = "end" if is_read else "results"
        yield kind, _Span.of(value), "None", f"{file.shown(node)} gives None"


def _of_comparison(left: ast.expr, op: ast.cmpop, right: ast.expr, file: _File) -> Iterator[_Change]:
    # Next to a constant, and to what may be None, the one or the other often makes no difference.
    is_sure = not any(isinstance(each, ast.Constant) for each in (left, right))
    old, new = (_NEXT if is_sure and type(op) in _NEXT else _OPPOSITE)[type(op)]
    between = _Span(left.end_lineno or 0, left.end_col_offset or 0, right.lineno, right.col_offset)
    text = file.of(between)
    pattern = re.escape(old).replace(r"\ ", r"\s+")
    if len(re.findall(pattern, text)) == 1:
        whole = " ".join(file.of(_Span.of(left, right)).split())
        shown = f"`{whole}`" if len(whole) <= _LONGEST else f"`{whole[:_LONGEST]}...`"
        changed = re.sub(pattern, new, text)
        yield "conditions", between, changed, f"{shown} has `{new}` for `{old}`"
