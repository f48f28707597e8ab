"""Judges what `read()` makes of failures, and whether it calls itself."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Final

from panoply_testing.review._code_libraries import HTTP_CALL
from panoply_testing.review._code_network import works
from panoply_testing.review.model import Finding, Step

if TYPE_CHECKING:
    from collections.abc import Iterator

    from panoply_testing.review._code import File
    from panoply_testing.review._code_reading import Reading
    from panoply_testing.review._code_world import Function

__all__ = ["judge_failures", "judge_recursion"]

# What an exception's name says that is no failure of the far end, but of a value, or a signal.
_OF_VALUES: Final = re.compile(
    r"(?:Value|Key|Index|Type|Attribute|Lookup|Unicode\w*|JSONDecode|Import|ModuleNotFound|ZeroDivision|Overflow|Arithmetic|NotImplemented"
    r"|Assertion|FileNotFound|FileExists|IsADirectory|Name|Recursion|Cancelled|ParserError|Parse|Invalid\w*|Decode|Validation)(?:Error)?"
    r"|Stop(?:Async)?Iteration|GeneratorExit|KeyboardInterrupt|Empty|Full|\w*NotFound\w*|\w*Missing\w*|\w*DoesNotExist|EOFError|DecimalException|InvalidOperation"
)

# Calls that ask nobody outside: they take values apart.
_OF_TEXTS: Final = frozenset(
    {
        *(
            "int",
            "float",
            "str",
            "bool",
            "len",
            "dict",
            "list",
            "tuple",
            "set",
            "isinstance",
            "getattr",
            "repr",
            "min",
            "max",
            "sum",
            "sorted",
        ),
        *(
            "Decimal",
            "UUID",
            "datetime",
            "date",
            "fromisoformat",
            "strptime",
            "strftime",
            "fromtimestamp",
            "parse",
            "isoparse",
            "loads",
        ),
        *(
            "dumps",
            "decode",
            "encode",
            "split",
            "strip",
            "lower",
            "upper",
            "replace",
            "get",
            "keys",
            "values",
            "items",
            "join",
            "format",
        ),
        *(
            "append",
            "extend",
            "pop",
            "update",
            "b64decode",
            "b64encode",
            "urlparse",
            "match",
            "search",
            "group",
            "literal_eval",
            "hex",
        ),
        *(
            "unquote",
            "quote",
            "rstrip",
            "lstrip",
            "startswith",
            "endswith",
            "isoformat",
            "astimezone",
            "timestamp",
            "round",
            "abs",
            "enumerate",
        ),
        *(
            "zip",
            "range",
            "partition",
            "rpartition",
            "setdefault",
            "copy",
            "deepcopy",
            "json",
            "import_module",
            "version",
            "utcfromtimestamp",
            "number",
        ),
    }
)

# What is done when something is over; that it fails matters to nobody.
_OF_ENDINGS: Final = re.compile(
    r"(?i)_?(?:a?close\w*|rollback|cancel|remove|unlink|rmtree|logout|quit|disconnect|shutdown|kill|terminate|wait|stop|release|cleanup|clean_up"
    r"|detach|join|abort|delete|reset|__exit__|__aexit__|dispose|discard|hasattr)\w*"
)

# What a handler does beside deciding: it tells, waits, or counts.
_TELLS: Final = re.compile(
    r"(?i)(?:debug|info|warn(?:ing)?|error|exception|critical|log|print|progress|sleep|print_exc|write|capture_exception)"
)


# What is made of a failure, so that whatever comes next comes all the same.
_GOES_ON: Final = ("goes on as if nothing had happened", "passes")


def judge_failures(reading: Reading) -> list[Finding]:
    """A finding for each place where a failure is taken for the end, or for no rows."""
    found = []
    for name in sorted(reading.reached(*sorted(reading.methods("read")))):
        function = reading.world.functions.get(name)
        if function is None or isinstance(function.node, ast.Lambda):
            continue
        for node, swallows in _swallowing(reading, function):
            found.append(
                Finding(
                    rule="failures_are_not_swallowed",
                    found=f"{function.label} catches {swallows[0]}, and {swallows[1]}.",
                    path=function.file.path,
                    line=node.lineno,
                    column=node.col_offset + 1,
                    key=f"{function.label}:{swallows[0]}",
                )
            )
    return found


def _swallowing(reading: Reading, function: Function) -> Iterator[tuple[ast.ExceptHandler | ast.With, tuple[str, str]]]:
    for node in _own(function.node):
        only_sends = isinstance(node, ast.Try | ast.TryStar | ast.With) and _only_sends(
            reading, function.file, node.body
        )
        if isinstance(node, ast.Try | ast.TryStar) and _may_fail(reading, function.file, node.body, ()):
            for handler in node.handlers:
                kinds = _kinds(handler.type)
                does = _does(handler)
                matters = does not in _GOES_ON or not only_sends
                if kinds and does and matters and not _is_tried_again(function.node, node, handler):
                    yield handler, (kinds, does)
        elif isinstance(node, ast.With) and not only_sends and _may_fail(reading, function.file, node.body, ()):
            for item in node.items:
                call = item.context_expr
                if isinstance(call, ast.Call) and _last(call.func) == "suppress":
                    kinds = _kinds(ast.Tuple(elts=call.args, ctx=ast.Load()))
                    if kinds:
                        yield node, (kinds, _GOES_ON[0])


def _own(node: ast.AST) -> Iterator[ast.AST]:
    """What stands in a function, and not in one within it."""
    for each in ast.iter_child_nodes(node):
        yield each
        if not isinstance(each, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            yield from _own(each)


def _kinds(node: ast.expr | None) -> str:
    """What a handler catches that may be a failure of the far end; empty: nothing of that kind."""
    if node is None:
        return "everything"
    names = [_last(each) for each in (node.elts if isinstance(node, ast.Tuple) else [node])]
    failures = [name for name in names if name and not _OF_VALUES.fullmatch(name)]
    return " and ".join(failures)


def _last(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _may_fail(reading: Reading, file: File, body: list[ast.stmt], above: tuple[str, ...]) -> bool:
    """Whether something in there asks anybody outside; cleaning up does not count."""
    for statement in body:
        for node in ast.walk(statement):
            if isinstance(node, ast.Raise | ast.For | ast.AsyncFor | ast.AsyncWith):
                return True  # over what a loop goes, is not known
            if isinstance(node, ast.Call) and _asks(reading, file, node, above):
                return True
    return False


def _only_sends(reading: Reading, file: File, body: list[ast.stmt]) -> bool:
    """Whether all that is done is to send something over HTTP whose answer nobody looks at: no row depends on it."""
    for statement in body:
        call = statement.value if isinstance(statement, ast.Expr) else None
        call = call.value if isinstance(call, ast.Await) else call
        if not isinstance(call, ast.Call):
            return False
        names = reading.called_at(file.path, call.lineno, call.col_offset + 1)
        if not any(name == "urllib.request.urlopen" or HTTP_CALL.fullmatch(name) for name in names):
            return False
    return True


def _asks(reading: Reading, file: File, node: ast.Call, above: tuple[str, ...]) -> bool:
    name = _last(node.func)
    if any(works(each) for each in reading.called_at(file.path, node.lineno, node.col_offset + 1)):
        return True
    own = [function for function in reading.world.functions.values() if function.name == name]
    is_own = isinstance(node.func, ast.Name) or (
        isinstance(node.func, ast.Attribute) and _last(node.func.value) in ("self", "cls")
    )
    if not (own and is_own) and (name in _OF_TEXTS or _OF_ENDINGS.fullmatch(name) or _TELLS.fullmatch(name)):
        return False
    if not own:
        return True
    if name in above:
        return False
    return any(
        _may_fail(reading, function.file, function.node.body, (*above, name))
        for function in own
        if isinstance(function.node.body, list)
    )


def _does(handler: ast.ExceptHandler) -> str:
    """What a handler makes of a failure, if that is nothing; empty: it does something about it."""
    if any(isinstance(node, ast.Raise) for node in ast.walk(handler)):
        return ""
    last, sets_something = "", False
    for statement in handler.body:
        said = _of_statement(statement)
        if said is None or _keeps(statement, handler.name):
            return ""
        sets_something |= said == _SETS
        last = last if said in ("", _SETS) else said
    if sets_something and not isinstance(handler.body[-1], ast.Return | ast.Break):
        return ""  # another value in place of the one that could not be had
    return last or _GOES_ON[0]


_SETS: Final = "sets something"


def _of_statement(node: ast.stmt) -> str | None:  # noqa: PLR0911 - one for each kind
    """What a statement says the failure is taken for; empty: nothing; None: it does something about it."""
    if isinstance(node, ast.Pass):
        return "passes"
    if isinstance(node, ast.Continue):
        return "goes on with the next"
    if isinstance(node, ast.Break):
        return "takes it for the end"
    if isinstance(node, ast.Return):
        return _nothing(node.value)
    if isinstance(node, ast.Assign | ast.AnnAssign):
        return _SETS if node.value is None or _nothing(node.value) is None else "goes on without rows"
    if isinstance(node, ast.AugAssign):
        return ""
    if isinstance(node, ast.Expr):
        call = node.value.value if isinstance(node.value, ast.Await) else node.value
        if isinstance(call, ast.Constant) or (isinstance(call, ast.Call) and _TELLS.fullmatch(_last(call.func))):
            return ""
    return None


def _nothing(node: ast.expr | None) -> str | None:
    """What a function says that gives this: None and empty lists stand for the end, and for an empty batch."""
    if node is None or (isinstance(node, ast.Constant) and node.value is None):
        return "returns None"
    if isinstance(node, ast.List | ast.Tuple | ast.Set) and not node.elts:
        return "returns an empty list"
    if isinstance(node, ast.Dict) and not node.keys:
        return "returns an empty dict"
    is_made_empty = (
        isinstance(node, ast.Call) and _last(node.func) in ("list", "dict", "iter", "tuple") and not node.args
    )
    if is_made_empty or (isinstance(node, ast.Tuple) and all(_nothing(each) for each in node.elts)):
        return "returns nothing"
    return None


def _keeps(statement: ast.stmt, name: str | None) -> bool:
    """Whether the exception is kept for later."""
    if name is None or isinstance(statement, ast.Expr):
        return False
    return any(isinstance(node, ast.Name) and node.id == name for node in ast.walk(statement))


def _is_tried_again(function: ast.AST, node: ast.Try | ast.TryStar, handler: ast.ExceptHandler) -> bool:
    """Whether it is one attempt of several, the last of which raises: in the loop, or after it."""
    if isinstance(handler.body[-1], ast.Return | ast.Break):
        return False
    for loop in ast.walk(function):
        if isinstance(loop, ast.For | ast.While | ast.AsyncFor) and any(each is node for each in ast.walk(loop)):
            inside = set(map(id, ast.walk(node)))
            if any(_lets_out(each, loop) for each in _own(function) if id(each) not in inside):
                return True
    return False


def _lets_out(node: ast.AST, loop: ast.For | ast.While | ast.AsyncFor) -> bool:
    """Whether a loop's last failure gets out: something raises, or asks once more when the loop is over."""
    if isinstance(node, ast.Raise):
        return node.lineno >= loop.lineno
    asks_once_more = isinstance(node, ast.Return) and isinstance(node.value, ast.Call | ast.Await)
    return asks_once_more and getattr(node, "lineno", 0) > (loop.end_lineno or loop.lineno)


def judge_recursion(reading: Reading) -> list[Finding]:
    """A finding for each way on which `read()` comes to itself again."""
    found = []
    for start in sorted(reading.methods("read")):
        reached = reading.reached(start)
        for (caller, callee), edge in sorted(reading.notes.edges.items()):
            if callee != start or caller not in reached:
                continue
            way = [caller]
            while reached.get(way[-1]):
                way.append(reached[way[-1]])
            through = [name.partition(":")[2] for name in reversed(way[:-1])]
            told = f", through {', '.join(through)}" if through else ""
            found.append(
                Finding(
                    rule="read_does_not_recurse",
                    found=f"{start.partition(':')[2]} calls itself{told}.",
                    path=edge.path,
                    line=edge.line,
                    flow=(Step(path=edge.path, line=edge.line, what="read() is called again"),),
                    key=f"{start}:{caller}",
                )
            )
    return found
