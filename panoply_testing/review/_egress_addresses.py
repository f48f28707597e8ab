"""Finds the addresses in a source's code that lead to another machine, and are spoken to without encryption."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from panoply_testing.review._egress_trees import Place, Tree, parsed
from panoply_testing.review._guard import is_local

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["is_plain", "plain_addresses"]

_PLAIN: Final = re.compile(r"(?i)\s*(?:http|ws|ftp)://")

# They are names, and nobody connects to them.
_NAMESPACES: Final = re.compile(
    r"(?:www\.)?w3\.org|schemas?\..+|purl\.org|xmlns\.com|ns\..+|docs\.oasis-open\.org|json-schema\.org|.*\.xmlsoap\.org"
    r"|www\.sitemaps\.org|search\.yahoo\.com|www\.opengis\.net|www\.topografix\.com"
)
# What a cloud's machines ask about themselves, which is never encrypted.
_METADATA: Final = re.compile(r"169\.254\.\d+\.\d+|fd00:ec2::\w+|metadata\.google\.internal|metadata")
_NAMESPACE_NAMES: Final = re.compile(r"(?i)(?:^|_)(?:ns|xmlns|nsmap|namespaces?|schemas?|xsi|xsd|soap\w*)(?:$|_)")

# What a URL is given to that it is not connected to.
_NO_CONNECTION: Final = frozenset(
    {
        *(
            "startswith",
            "endswith",
            "replace",
            "removeprefix",
            "mount",
            "split",
            "rsplit",
            "partition",
            "lstrip",
            "strip",
        ),
        *(
            "find",
            "index",
            "count",
            "match",
            "fullmatch",
            "search",
            "sub",
            "compile",
            "findall",
            "iterfind",
            "findtext",
        ),
        *("register_namespace", "QName", "Namespace", "log", "debug", "info", "warning", "error", "exception", "print"),
    }
)

# Keys of CONFIG, and of JSON, under which a URL is there to be read.
_TO_BE_READ: Final = frozenset(
    {"link", "help", "placeholder", "description", "title", "icon", "name", "$schema", "$id", "@context", "xmlns"}
)


def is_plain(address: str) -> bool:
    """Whether an address is of another machine, and spoken to without encryption."""
    if not _PLAIN.match(address):
        return False
    try:
        host = urlsplit(address.strip()).hostname or ""
    except ValueError:
        return False
    return bool(host) and not is_local(host) and not _METADATA.fullmatch(host) and not _NAMESPACES.fullmatch(host)


def plain_addresses(texts: Mapping[str, str]) -> Iterator[tuple[Place, str]]:
    """Each address in the code that leads elsewhere without encryption; with its text, where it is a constant."""
    for tree in parsed(texts):
        for node in ast.walk(tree.root):
            match node:
                case ast.Constant(value=str(text)) if not isinstance(tree.parents.get(node), ast.JoinedStr):
                    shown = _shown_constant(tree, node, text) if _is_plain_constant(tree, node, text) else ""
                case ast.JoinedStr(values=[ast.Constant(value=str(start)), *rest]):
                    text = _filled(start, rest)
                    shown = ast.unparse(node) if _leads_elsewhere(text) else ""
                case _:
                    continue
            if shown and not _is_only_a_name(tree, node):
                yield tree.place(node, _masked(shown)), text.strip() if isinstance(node, ast.Constant) else ""


def _shown_constant(tree: Tree, node: ast.Constant, text: str) -> str:
    """As it stands there; where it is only the beginning, with what is put behind it."""
    is_whole = bool(text.strip().partition("://")[2])
    return text.strip() if is_whole else ast.unparse(tree.parents[node])


def _masked(shown: str) -> str:
    """Without what may be a password in it, or a query."""
    return re.sub(r"//[^/@\s{]*@", "//***@", shown).partition("?")[0]


# In the place of what is filled in; no host's name has it.
_FILLED: Final = "\x00"


def _filled(start: str, rest: list[ast.expr]) -> str:
    return start + "".join(
        each.value if isinstance(each, ast.Constant) and isinstance(each.value, str) else _name_of(each)
        for each in rest
    )


# What is filled in may well be this machine.
_HERE: Final = re.compile(r"(?i)server_|sock|local|loopback|tunnel|listen|bind")


def _name_of(value: ast.expr) -> str:
    return "localhost" if _HERE.search(ast.unparse(value)) else _FILLED


def _leads_elsewhere(text: str) -> bool:
    if not _PLAIN.match(text):
        return False
    host = re.split(r"[/?#]", text.strip().partition("://")[2], maxsplit=1)[0].rpartition("@")[2]
    if _FILLED in host.partition(":")[0]:
        return True
    return is_plain(text.replace(_FILLED, "0"))


def _is_plain_constant(tree: Tree, node: ast.Constant, text: str) -> bool:
    if not _PLAIN.match(text):
        return False
    rest = text.strip().partition("://")[2]
    above = tree.parents.get(node)
    if not rest:
        # Something is put behind it: whatever that is, it is spoken to in plain text.
        is_begun = isinstance(above, ast.BinOp) and isinstance(above.op, ast.Add) and above.left is node
        return is_begun and isinstance(above, ast.BinOp) and not _HERE.search(ast.unparse(above.right))
    if rest.startswith(("%s", "{")):
        return True
    return is_plain(text)


def _is_only_a_name(tree: Tree, node: ast.expr) -> bool:
    child: ast.AST = node
    for above in tree.above(node):
        if _is_no_connection(above, child):
            return True
        child = above
    return False


def _is_no_connection(above: ast.AST, child: ast.AST) -> bool:
    """Whether nothing is connected to where a URL stands in this."""
    match above:
        case ast.Compare() | ast.Raise() | ast.Assert() | ast.Expr(value=ast.Constant()):
            return True
        case ast.Call(func=ast.Attribute(attr=name) | ast.Name(id=name)):
            return child is not above.func and name in _NO_CONNECTION
        case ast.keyword(arg=str(name)) | ast.Assign(targets=[ast.Name(id=name) | ast.Attribute(attr=name)]):
            return _NAMESPACE_NAMES.search(name) is not None
        case ast.IfExp():
            # Somebody decides.
            return "https://" in ast.unparse(above)
        case ast.Dict():
            return _is_read_only(above, child)
    return False


def _is_read_only(node: ast.Dict, child: ast.AST) -> bool:
    """Whether it is a key, or under one of those that are for people."""
    for key, value in zip(node.keys, node.values, strict=True):
        if child is key:
            return True
        if child is value and isinstance(key, ast.Constant):
            return key.value in _TO_BE_READ or (isinstance(key.value, str) and key.value.startswith(("xmlns", "@")))
    return False
