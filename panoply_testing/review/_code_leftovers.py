"""Judges what was left behind while a source was written: prints, breakpoints, notes to oneself, code that is commented out."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from typing import TYPE_CHECKING, Final

from panoply_testing.review.model import Finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from panoply_testing.review._code import Code, File

__all__ = ["judge_leftovers", "judge_prints"]

# A marker where it begins a remark, not the word in a sentence ("the XXX in the id"), nor the id of a ticket: FIXME-12 is one, too.
_MARK: Final = re.compile(
    r"#[\s#:!*-]*(?:\w{1,12}:\s*)?@?(TODO|FIXME|XXX|HACK|WIP|DELETEME|REMOVEME)\b|\b(TODO|FIXME)\b\s*[:(]"
)

# What a comment says beside something that was made for a trial.
_TRIAL: Final = re.compile(
    r"(?i)\b(?:debug(?:ging)?|testing|for (?:a )?tests?|just for now|for now|temporar(?:y|ily)|tmp|remove (?:me|this|before|later|again)|trial"
    r"|while developing|development only|dev only|quick(?:er|ly)?|only the first|uncomment)\b"
)
_TRIAL_NAME: Final = re.compile(
    r"(?i)_*(?:is_)?(?:debug(?:ging)?|debug_mode|dev_mode|test_mode|testing|debug_\w+|\w+_debug)"
)
_DEBUGGERS: Final = re.compile(
    r"(?:i?pdb|pudb|wdb|bdb|web_pdb|rpdb)(?:\.set_trace|\.post_mortem|\.pm|\.run|\.breakpoint)?|breakpoint|debugpy\.\w+|pydevd\.\w+|code\.interact|IPython\.embed|embed|ic"
)
_DEBUG_MODULES: Final = frozenset(
    {"pdb", "ipdb", "pudb", "wdb", "rpdb", "web_pdb", "debugpy", "pydevd", "pydevd_pycharm", "icecream"}
)

# So many lines in a row that are code are no example in a remark.
_MANY_LINES: Final = 3


def judge_prints(code: Code) -> list[Finding]:
    """A finding for each place that writes to the terminal."""
    return [
        _found("nothing_is_printed", file, node, f"{_name(node.func)}() writes to the terminal.", key=_name(node.func))
        for file, node in _calls(code)
        if _prints(node)
    ]


def _prints(node: ast.Call) -> bool:
    name = _name(node.func)
    if name in ("print", "pprint", "pp", "pprint.pprint", "pprint.pp", "rich.print"):
        into = next((keyword.value for keyword in node.keywords if keyword.arg in ("file", "stream")), None)
        return into is None or _name(into) in (
            "sys.stdout",
            "sys.stderr",
            "stdout",
            "stderr",
            "sys.__stdout__",
            "sys.__stderr__",
        )
    return bool(
        re.fullmatch(
            r"(?:sys\.)?(?:__)?std(?:out|err)(?:__)?(?:\.buffer)?\.write(?:lines)?|click\.s?echo|traceback\.print_\w+",
            name,
        )
    )


def _name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return f"{_name(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else "?"


def _calls(code: Code) -> Iterator[tuple[File, ast.Call]]:
    """The calls in the package, but for what only runs as a program of its own."""
    for file in code.files:
        if file.tree is None or file.module.rpartition(".")[2] == "__main__":
            continue
        own = {
            each.name
            for each in ast.walk(file.tree)
            if isinstance(each, ast.FunctionDef) and each.name in ("print", "pprint", "pp", "ic", "embed")
        }
        for node in _inside(file.tree):
            if isinstance(node, ast.Call) and _name(node.func) not in own:
                yield file, node


def _inside(tree: ast.AST) -> Iterator[ast.AST]:
    for each in ast.iter_child_nodes(tree):
        if isinstance(each, ast.If) and "__name__" in ast.unparse(each.test):
            continue
        if isinstance(each, ast.FunctionDef) and each.name in ("main", "_main") and isinstance(tree, ast.Module):
            continue
        yield each
        if isinstance(each, ast.With) and "redirect_std" in ast.unparse(each.items[0]):
            continue  # what is printed in there is caught
        yield from _inside(each)


def judge_leftovers(code: Code) -> list[Finding]:
    """A finding for each thing that was left behind."""
    found = []
    for file, node in _calls(code):
        if (_DEBUGGERS.fullmatch(_name(node.func)) and _name(node.func) not in ("embed", "ic")) or (
            _name(node.func) in ("embed", "ic") and _imports_it(file, _name(node.func))
        ):
            found.append(
                _found(
                    "no_leftovers",
                    file,
                    node,
                    f"{_name(node.func)}() stops the source for a debugger.",
                    key=_name(node.func),
                )
            )
    for file in code.files:
        if file.tree is not None:
            comments = _comments(file.text)
            found += _in_tree(file, comments)
            found += _in_comments(file, comments)
    return found


def _imports_it(file: File, name: str) -> bool:
    return any(
        isinstance(node, ast.ImportFrom)
        and (node.module or "").partition(".")[0] in ("icecream", "IPython")
        and any(alias.name == name for alias in node.names)
        for node in ast.walk(file.tree or ast.Module([], []))
    )


def _in_tree(file: File, comments: dict[int, tuple[str, bool]]) -> Iterator[Finding]:
    for node in _inside(file.tree or ast.Module([], [])):
        if isinstance(node, ast.Import | ast.ImportFrom):
            modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""]
            for module in modules:
                if module.partition(".")[0] in _DEBUG_MODULES:
                    yield _found("no_leftovers", file, node, f"The debugger {module} is imported.", key=module)
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            yield from _switches(file, node)
        elif isinstance(node, ast.If) and isinstance(node.test, ast.Constant):
            yield _found(
                "no_leftovers", file, node, f"`if {node.test.value!r}:` turns code on or off by hand.", key="if"
            )
        elif isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Slice):
            yield from _slices(file, node, node.slice, comments)


def _switches(file: File, node: ast.Assign | ast.AnnAssign) -> Iterator[Finding]:
    """`DEBUG = True`, and `HTTPConnection.debuglevel = 1`, which prints each request with its headers."""
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    if not isinstance(node.value, ast.Constant) or not node.value.value or isinstance(node.value.value, str):
        return
    for target in targets:
        name = target.id if isinstance(target, ast.Name) else target.attr if isinstance(target, ast.Attribute) else ""
        if name == "debuglevel" or (_TRIAL_NAME.fullmatch(name) and node.value.value is not False):
            yield _found("no_leftovers", file, node, f"{name} is left on.", key=name)


def _slices(
    file: File, node: ast.Subscript, part: ast.Slice, comments: dict[int, tuple[str, bool]]
) -> Iterator[Finding]:
    """`rows[:10]  # debug`, `rows[:DEBUG_ROWS]`."""
    if part.upper is None:
        return
    named = (
        part.upper.id
        if isinstance(part.upper, ast.Name)
        else part.upper.attr
        if isinstance(part.upper, ast.Attribute)
        else ""
    )
    above, is_alone = comments.get(node.lineno - 1, ("", False))
    beside = comments.get(node.end_lineno or node.lineno, ("", False))[0]
    said = beside or (above if is_alone else "")
    constant = isinstance(part.upper, ast.Constant) and isinstance(part.upper.value, int)
    if (named and _TRIAL_NAME.fullmatch(named)) or (constant and _TRIAL.search(said)):
        yield _found(
            "no_leftovers",
            file,
            node,
            f"`{ast.unparse(node)}` takes only some of the rows, for a trial.",
            key=ast.unparse(node),
        )


def _comments(text: str) -> dict[int, tuple[str, bool]]:
    """The comments by their line, and whether nothing else is in it."""
    found: dict[int, tuple[str, bool]] = {}
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.COMMENT:
                found[token.start[0]] = (token.string, not token.line[: token.start[1]].strip())
    except (tokenize.TokenError, SyntaxError):
        pass  # it does not end as it should, which another rule says
    return found


def _in_comments(file: File, comments: dict[int, tuple[str, bool]]) -> Iterator[Finding]:
    for line, (comment, _) in comments.items():
        mark = _MARK.search(comment)
        if mark is not None:
            word = mark.group(1) or mark.group(2)
            yield Finding(
                rule="no_leftovers",
                found=f"A note is left: {word}.",
                path=file.path,
                line=line,
                key=comment.strip("# "),
            )
    for first, lines in _blocks(comments):
        code = _code_in(lines)
        if code >= _MANY_LINES:
            yield Finding(
                rule="no_leftovers",
                found=f"{code} lines of code are commented out.",
                path=file.path,
                line=first,
                fix="Delete them: git remembers.",
                key=lines[0].strip(),
            )


def _blocks(comments: dict[int, tuple[str, bool]]) -> Iterable[tuple[int, list[str]]]:
    """Comments that stand alone, in consecutive lines."""
    alone = sorted(line for line, (_, is_alone) in comments.items() if is_alone)
    blocks: list[tuple[int, list[str]]] = []
    for line in alone:
        text = comments[line][0]
        if blocks and blocks[-1][0] + len(blocks[-1][1]) == line:
            blocks[-1][1].append(text)
        else:
            blocks.append((line, [text]))
    return blocks


def _code_in(lines: list[str]) -> int:
    """How many lines of a block of comments are code: the longest run that Python can read, and that is no prose."""
    bare = [re.sub(r"^#+ ?", "", line) for line in lines]
    best = 0
    for start in range(len(bare)):
        for end in range(len(bare), start + max(best, _MANY_LINES - 1), -1):
            if _is_code("\n".join(bare[start:end])):
                best = max(best, sum(1 for line in bare[start:end] if line.strip()))
                break
        if start > _MOST_STARTS:
            break
    return best


_MOST_STARTS: Final = 20


def _is_code(text: str) -> bool:
    import textwrap  # noqa: PLC0415 - only where there is a block to look at

    try:
        tree = ast.parse(textwrap.dedent(text))
    except (SyntaxError, ValueError):
        return False
    # Words, and pairs of them with a colon between, are prose: `Note: see below`.
    telling = [
        node
        for node in tree.body
        if not (isinstance(node, ast.Expr) and not isinstance(node.value, ast.Call | ast.Await | ast.Yield))
        and not (isinstance(node, ast.AnnAssign) and node.value is None)
    ]
    return bool(telling) and len(telling) * 2 > len(tree.body)


def _found(rule: str, file: File, node: ast.AST, found: str, *, key: str) -> Finding:
    return Finding(
        rule=rule,
        found=found,
        path=file.path,
        line=getattr(node, "lineno", 0),
        column=getattr(node, "col_offset", 0) + 1,
        key=f"{file.path}:{key}",
    )
