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
    r"|www\.sitemaps\.org|search\.yahoo\.com|www\.opengis\.net|www\.topografix\.com|tempuri\.org|(?:www\.)?dublincore\.org"
    r"|(?:www\.)?georss\.org|ogp\.me|rdfs\.org|creativecommons\.org|(?:www\.)?itunes\.com"
    # Who is meant by a rule about the access to a bucket.
    r"|acs\.amazonaws\.com"
)
_NAMESPACE_PATHS: Final = re.compile(r"(?i)/(?:ns|xmlns|dtds?)(?:/|$)|\.(?:xsd|dtd|rng)$|^/doc/\d{4}-\d\d-\d\d/?$")
# What a cloud's machines ask about themselves, which is never encrypted.
_METADATA: Final = re.compile(r"169\.254\.\d+\.\d+|fd00:ec2::\w+|metadata\.google\.internal|metadata")
_NAMESPACE_NAMES: Final = re.compile(
    r"(?i)(?:^|_)(?:ns|xmlns|nsmap|namespaces?|schemas?|xsi|xsd|soap\w*|homepage|website|documentation)(?:$|_)|^__url__$"
)

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

# Calls that give what they are given, in another form.
_CONTAINERS: Final = frozenset(
    {"dict", "list", "tuple", "set", "frozenset", "str", "MappingProxyType", "format", "upper", "lower"}
)

# Keys of CONFIG, and of JSON, under which a URL is there to be read; and those of requests in which it is a name.
_TO_BE_READ: Final = frozenset(
    {
        *("link", "help", "placeholder", "description", "title", "icon", "name", "$schema", "$id", "@context", "xmlns"),
        *(
            "homepage",
            "documentation",
            "docs",
            "soapaction",
            "referer",
            "referrer",
            "origin",
            "scope",
            "scopes",
            "grant_type",
        ),
    }
)


def is_plain(address: str) -> bool:
    """Whether an address is of another machine, and spoken to without encryption."""
    if not _PLAIN.match(address):
        return False
    try:
        parts = urlsplit(address.strip())
        host = parts.hostname or ""
    except ValueError:
        return False
    is_a_name = _NAMESPACES.fullmatch(host) or _NAMESPACE_PATHS.search(parts.path) or address.rstrip().endswith("#")
    return bool(host) and not is_local(host) and not _METADATA.fullmatch(host) and not is_a_name


def plain_addresses(texts: Mapping[str, str]) -> Iterator[tuple[Place, str]]:
    """Each address in the code that leads elsewhere without encryption; with its text, where it is a constant."""
    trees = parsed(texts)
    names = _names_only(trees)
    for tree in trees:
        secures = any(name == "HTTPSConnection" for node in ast.walk(tree.root) for name in _names_in(node))
        for node in ast.walk(tree.root):
            match node:
                case ast.Call():
                    what = _by_call(node, secures=secures)
                    if what and not _is_only_a_name(tree, node) and not _is_only_compared(tree, node):
                        yield tree.place(node, what), ""
                    continue
                case ast.Constant(value=str(text)) if not isinstance(tree.parents.get(node), ast.JoinedStr):
                    shown = _shown_constant(tree, node, text) if _is_plain_constant(tree, node, text) else ""
                case ast.JoinedStr(values=[ast.Constant(value=str(start)), *rest]):
                    text = _filled(start, rest)
                    shown = ast.unparse(node) if _leads_elsewhere(text) else ""
                case _:
                    continue
            if shown and not _is_only_a_name(tree, node) and not _is_kept_as(tree, node) & names:
                yield tree.place(node, _masked(shown)), text.strip() if isinstance(node, ast.Constant) else ""


def _shown_constant(tree: Tree, node: ast.Constant, text: str) -> str:
    """As it stands there; where it is only the beginning, with what is put behind it."""
    is_whole = bool(text.strip().partition("://")[2])
    return text.strip() if is_whole else ast.unparse(tree.parents[node])


def _masked(shown: str) -> str:
    """Without what may be a password in it, or a query."""
    return re.sub(r"//[^/@\s{]*@", "//***@", shown).partition("?")[0]


def _by_call(call: ast.Call, *, secures: bool) -> str:
    """What a call makes that is spoken to without encryption, or an address of it. Empty: nothing."""
    match call:
        case (
            ast.Call(
                func=ast.Attribute(attr="replace"),
                args=[ast.Constant(value=str(old)), ast.Constant(value=str(new)), *_],
            )
            | ast.Call(
                func=ast.Attribute(attr="sub"), args=[ast.Constant(value=str(old)), ast.Constant(value=str(new)), _]
            )
        ) if re.search(r"https|wss", old) and re.fullmatch(r"(?:http|ws)(?:://?)?", new):
            return f"What `{ast.unparse(call)}` gives"
        case ast.Call(
            func=ast.Name(id="urlunsplit" | "urlunparse") | ast.Attribute(attr="urlunsplit" | "urlunparse"),
            args=[ast.Tuple(elts=[ast.Constant(value="http" | "ws" | "ftp"), host, *_])]
            | ast.List(elts=[ast.Constant(value="http" | "ws" | "ftp"), host, *_]),
        ) if _is_elsewhere(host):
            return f"`{ast.unparse(host)}`"
        case ast.Call(keywords=keywords):
            given = {each.arg: each.value for each in keywords}
            scheme, at = given.get("scheme"), given.get("host", given.get("netloc"))
            is_plain_scheme = isinstance(scheme, ast.Constant) and scheme.value in ("http", "ws", "ftp")
            if is_plain_scheme and (_is_elsewhere(at) if at is not None else _called(call) == "_replace"):
                return f"What `{ast.unparse(call)}` gives"
            if _called(call) in ("HTTPConnection", "HTTPConnectionPool") and not secures:
                to = call.args[0] if call.args else at
                return f"`{ast.unparse(to)}`" if to is not None and _is_elsewhere(to) else ""
    return ""


def _called(call: ast.Call) -> str:
    func = call.func
    return func.attr if isinstance(func, ast.Attribute) else func.id if isinstance(func, ast.Name) else ""


def _is_elsewhere(host: ast.expr) -> bool:
    """Whether a host is another machine, as far as that can be read."""
    if isinstance(host, ast.Constant):
        return isinstance(host.value, str) and is_plain(f"http://{host.value}")
    return not _HERE.search(ast.unparse(host))


# In the place of what is filled in; no host's name has it.
_FILLED: Final = "\x00"


def _filled(start: str, rest: list[ast.expr]) -> str:
    return start + "".join(
        each.value if isinstance(each, ast.Constant) and isinstance(each.value, str) else _name_of(each)
        for each in rest
    )


# What is filled in may well be this machine.
_HERE: Final = re.compile(r"(?i)server_(?:address|port)|(?<!web)sock|local(?!e)|loopback|tunnel|listen|bind")


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
    is_given = False
    for above in tree.above(node):
        if is_given and not isinstance(above, ast.Raise | ast.Assert):
            # What is done with the result of a call says nothing of the address that the call was given.
            continue
        if _is_no_connection(above, child):
            return True
        is_given = isinstance(above, ast.Call) and child is not above.func and _called(above) not in _CONTAINERS
        child = above
    return False


def _names_only(trees: list[Tree]) -> frozenset[str]:
    """Names of variables that are used, and never in a place that anybody could connect to what they hold from."""
    uses: dict[str, bool] = {}
    for tree in trees:
        for node in ast.walk(tree.root):
            match node:
                case ast.Name(id=name, ctx=ast.Load()) | ast.Attribute(attr=name, ctx=ast.Load()):
                    is_name = _is_only_a_name(tree, node) or _is_in_braces(tree, node)
                    uses[name] = uses.get(name, True) and is_name
    return frozenset(name for name, is_name in uses.items() if is_name)


def _is_only_compared(tree: Tree, node: ast.expr) -> bool:
    above = tree.parents.get(node)
    return isinstance(above, ast.Attribute) and above.attr in ("startswith", "endswith", "removeprefix")


def _is_kept_as(tree: Tree, node: ast.expr) -> frozenset[str]:
    """The variable that an address is put into, as it is or among others."""
    for above in tree.above(node):
        match above:
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AnnAssign(target=ast.Name(id=name)):
                return frozenset((name,))
            case ast.Tuple() | ast.List() | ast.Set() | ast.Dict():
                continue
            case ast.Call() if _called(above) in _CONTAINERS:
                continue
            case _:
                break
    return frozenset()


def _is_in_braces(tree: Tree, node: ast.expr) -> bool:
    """Whether it stands as a namespace in the name of an element: `f"{{{NS}}}item"`, `"{%s}item" % NS`, `"{" + NS + "}item"`."""
    for above in tree.above(node):
        match above:
            case ast.JoinedStr(values=[ast.Constant(value=str(start)), *_]) if start.endswith("{"):
                return True
            case ast.BinOp(left=ast.Constant(value=str(start))) if start.startswith("{"):
                return True
            case ast.Call(func=ast.Attribute(attr="format", value=ast.Constant(value=str(start)))) if start.startswith(
                "{{"
            ):
                return True
    return False


def _names_in(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Name(id=name) | ast.Attribute(attr=name) | ast.alias(name=name):
            yield name


def _is_no_connection(above: ast.AST, child: ast.AST) -> bool:
    """Whether nothing is connected to where a URL stands in this."""
    match above:
        case ast.Compare() | ast.Raise() | ast.Assert() | ast.Expr(value=ast.Constant()):
            return True
        case ast.Call(func=ast.Attribute(attr=name) | ast.Name(id=name)):
            return child is not above.func and (
                name in _NO_CONNECTION or name.endswith(("Error", "Exception", "Warning"))
            )
        case ast.keyword(arg=str(name)) | ast.Assign(targets=[ast.Name(id=name) | ast.Attribute(attr=name)]):
            is_read = isinstance(above, ast.keyword) and name.lower() in _TO_BE_READ
            return is_read or _NAMESPACE_NAMES.search(name) is not None
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
            name = key.value.lower() if isinstance(key.value, str) else ""
            return name in _TO_BE_READ or name.startswith(("xmlns", "@"))
    return False
