"""Finds where a source's code turns off the checks that an encrypted connection is with the right far end."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Final

from panoply_testing.review._egress_trees import Place, Tree, parsed

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

__all__ = ["unchecked_certificates"]

# Arguments that turn a check off by a constant, and what is called with them.
_CALLS: Final = frozenset(
    {
        *("get", "post", "put", "patch", "delete", "head", "options", "request", "send", "stream", "urlopen", "open"),
        *("Client", "AsyncClient", "Session", "HTTPTransport", "AsyncHTTPTransport", "ClientSession", "TCPConnector"),
        *("partial", "connect", "create_connection", "create_engine", "create_pool", "Elasticsearch", "MongoClient"),
        *("PoolManager", "ProxyManager", "HTTPSConnectionPool", "HTTPSConnection", "ws_connect", "login", "Connection"),
        *(
            "client",
            "resource",
            "Server",
            "JIRA",
            "Salesforce",
            "Redis",
            "Github",
            "Gitlab",
            "OAuth2Session",
            "create_ssl_context",
            "Transport",
        ),
    }
)
_OFF: Final = {
    "verify": frozenset({False}),
    "verify_ssl": frozenset({False}),
    "verify_certs": frozenset({False}),
    "ssl_verify": frozenset({False}),
    "validate_certs": frozenset({False}),
    "ssl_verify_cert": frozenset({False}),
    "assert_hostname": frozenset({False}),
    "check_hostname": frozenset({False}),
    "ssl_assert_hostname": frozenset({False}),
    "ssl_verify_identity": frozenset({False}),
    "insecure_mode": frozenset({True}),
    "_tls_no_verify": frozenset({True}),
    "enable.ssl.certificate.verification": frozenset({False, "false"}),
    "use_ssl": frozenset({False}),
    "ssl_disabled": frozenset({True}),
    "ssl_check_hostname": frozenset({False}),
    "tlsAllowInvalidCertificates": frozenset({True}),
    "tlsAllowInvalidHostnames": frozenset({True}),
    "tlsInsecure": frozenset({True}),
    "trust_server_certificate": frozenset({True}),
    "disable_ssl_certificate_validation": frozenset({True}),
    "cert_reqs": frozenset({"CERT_NONE", "none", 0}),
    "ssl_cert_reqs": frozenset({"CERT_NONE", "none"}),
    "sslmode": frozenset({"disable", "allow"}),
}
# These mean it wherever they stand.
_SURE: Final = frozenset(_OFF) - {"verify", "check_hostname", "use_ssl"}

# To others it is no news that they are spoken to without encryption.
_OF_A_CLOUD: Final = frozenset({"client", "resource"})

# Variables of the environment by which libraries are told not to check.
_VARIABLES: Final = {
    "PYTHONHTTPSVERIFY": "0",
    "CURL_CA_BUNDLE": "",
    "REQUESTS_CA_BUNDLE": "",
    "PGSSLMODE": "disable",
}

# What curl and wget are told so by.
_WORDS: Final = frozenset({"-k", "--insecure", "--no-check-certificate"})

# Arguments whose values are sent, or written down.
_SENT: Final = frozenset({"json", "data", "params", "headers", "cookies", "body", "content", "files", "extra"})

_IN_DSN: Final = re.compile(
    r"(?i)(?<![\w-])(?:sslmode\s*=\s*'?(?:disable|allow)'?|TrustServerCertificate=(?:yes|true)|ssl_cert_reqs=(?:none|CERT_NONE)"
    r"|tlsInsecure=true|tlsAllowInvalid(?:Certificates|Hostnames)=true|useSSL=false|ssl-?mode=disabled|verifyServerCertificate=false"
    r"|ssl_check_hostname=false|Encrypt=(?:no|false|optional))(?=$|[&\s;'\"])"
)

# Whoever is asked decides; what is done then is their own choice.
_ASKED: Final = re.compile(r"(?i)insecure|unsafe|verif|validat|check|self_?signed|trust|skip")


def unchecked_certificates(texts: Mapping[str, str]) -> Iterator[Place]:
    """Each place where the code turns off the checks that an encrypted connection is with the right one."""
    for tree in parsed(texts):
        reader = _Reader(tree)
        for node in ast.walk(tree.root):
            what = reader.turned_off(node)
            if what and isinstance(node, ast.expr | ast.stmt | ast.keyword) and not _is_asked_for(tree, node):
                line = node.value if isinstance(node, ast.keyword) else node
                yield tree.place(line, what)


class _Reader:
    """Reads one file."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._kept = _kept_in(tree)
        self._requires = any(
            _ends_in(node, "CERT_REQUIRED") or _ends_in(node, "CERT_OPTIONAL") for node in ast.walk(tree.root)
        )
        # What is handed over as `**options`.
        self._unpacked = {
            ast.unparse(each.value)
            for node in ast.walk(tree.root)
            if isinstance(node, ast.Call) and _called(node) in _CALLS
            for each in node.keywords
            if each.arg is None
        }

    def turned_off(self, node: ast.AST) -> str:
        """What turns a check off there. Empty: nothing does."""
        what = ""
        match node:
            case ast.keyword(arg=str(name), value=value):
                what = self._by_argument(name, value, self._tree.parents.get(node))
            case ast.Assign(targets=targets, value=value):
                what = next(filter(None, (self._by_target(target, value) for target in targets)), "")
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                what = self._by_target(target, value)
            case ast.Call():
                what = self._by_call(node) or self._by_what_it_makes(node)
            case ast.Dict(keys=keys, values=values):
                what = self._by_dict(node, zip(keys, values, strict=True))
            case ast.List(elts=words) | ast.Tuple(elts=words):
                what = _by_words(words)
            case ast.Constant(value=str(text)) if not isinstance(self._tree.parents.get(node), ast.Expr):
                in_dsn = _IN_DSN.search(text)
                what = f"`{in_dsn[0].strip()}`" if in_dsn else ""
        return what

    def _by_argument(self, name: str, value: ast.expr, call: ast.AST | None) -> str:
        called = _called(call) if isinstance(call, ast.Call) else ""
        if name == "ssl":
            # To a database `ssl=False` says something else.
            is_off = isinstance(value, ast.Constant) and value.value is False and called in _HTTP_CALLS
        elif name == "use_ssl":
            is_off = called in _OF_A_CLOUD and self._is_off(name, value)
        else:
            unpacked = called == "dict" and isinstance(call, ast.Call) and self._is_unpacked(call)
            is_off = (name in _SURE or called in _CALLS or unpacked) and self._is_off(name, value)
        return f"`{name}={ast.unparse(value)}`" if is_off else ""

    def _by_target(self, target: ast.expr, value: ast.expr) -> str:
        match target, value:
            case ast.Tuple(elts=targets), ast.Tuple(elts=values) if len(targets) == len(values):
                found = (self._by_target(*pair) for pair in zip(targets, values, strict=True))
                return next(filter(None, found), "")
            case ast.Attribute(), _:
                return self._by_attribute(target, value)
            case ast.Subscript(slice=ast.Constant(value=str(name))), _:
                is_off = (name in _SURE and self._is_off(name, value)) or _is_told(name, value)
                is_off = is_off or (
                    name == "verify" and self._is_off(name, value) and ast.unparse(target.value) in self._unpacked
                )
                return f"`{ast.unparse(target)} = {ast.unparse(value)}`" if is_off else ""
        return ""

    def _by_attribute(self, target: ast.Attribute, value: ast.expr) -> str:
        name = target.attr
        is_off = (
            (name in ("check_hostname", "assert_hostname") and self._is_off(name, value))
            or (
                name == "verify"
                and self._is_off(name, value)
                and _SESSION.search(ast.unparse(target.value)) is not None
            )
            or (name in ("verify_mode", "cert_reqs") and self._is_none(value))
            or (name == "_create_default_https_context" and _is_unverified(value))
        )
        return f"`{ast.unparse(target)} = {ast.unparse(value)}`" if is_off else ""

    def _by_dict(self, node: ast.Dict, pairs: Iterable[tuple[ast.expr | None, ast.expr]]) -> str:
        for key, value in pairs:
            if not isinstance(key, ast.Constant) or not isinstance(key.value, str):
                continue
            # `verify` may be anything there, unless it becomes an argument.
            is_off = key.value in _SURE or (key.value in ("verify", "check_hostname") and self._is_unpacked(node))
            if (is_off and self._is_off(key.value, value)) or _is_told(key.value, value):
                return f"`{key.value!r}: {ast.unparse(value)}`"
        return ""

    def _is_unpacked(self, node: ast.Dict | ast.Call) -> bool:
        """Whether what is in a dict becomes the arguments of a call, or its options."""
        above = self._tree.parents.get(node)
        match above:
            case ast.keyword(arg=None):
                call = self._tree.parents.get(above)
                return isinstance(call, ast.Call) and _called(call) in _CALLS
            case ast.keyword(arg=str(name)):
                call = self._tree.parents.get(above)
                return name not in _SENT and isinstance(call, ast.Call) and _called(call) in _CALLS
            case ast.Assign(targets=[target]) | ast.AnnAssign(target=target):
                return ast.unparse(target) in self._unpacked
        return False

    @staticmethod
    def _by_call(call: ast.Call) -> str:
        shown, called = ast.unparse(call.func), _called(call)
        hides = shown == "disable_warnings" or shown.endswith("urllib3.disable_warnings")
        if hides or (called in ("filterwarnings", "simplefilter") and "InsecureRequestWarning" in ast.unparse(call)):
            return f"`{shown}()`, which hides that a check is off,"
        match call:
            case ast.Call(func=ast.Attribute(attr="setopt"), args=[option, value]):
                name = ast.unparse(option).rpartition(".")[2]
                if name in ("SSL_VERIFYPEER", "SSL_VERIFYHOST") and isinstance(value, ast.Constant) and not value.value:
                    return f"`{ast.unparse(call)}`"
            case ast.Call(args=[ast.Constant(value=str(name)), value]) if called in ("setdefault", "putenv", "setenv"):
                return f"`{ast.unparse(call)}`" if _is_told(name, value) else ""
        return ""

    def _by_what_it_makes(self, call: ast.Call) -> str:
        shown, called = ast.unparse(call.func), _called(call)
        if _is_unverified(call.func):
            return f"`{shown}()`"
        if not self._requires and called == "SSLContext" and _CHECKS_NOTHING.search(_protocol_of(call)):
            return f"`{ast.unparse(call)}`, which checks nothing by itself,"
        if not self._requires and shown == "ssl.wrap_socket":
            return "`ssl.wrap_socket()`, which checks nothing by itself,"
        return ""

    def _is_off(self, name: str, value: ast.expr) -> bool:
        if name not in _OFF:
            return False
        if _ends_in(value, "CERT_NONE"):
            return name.endswith("cert_reqs")
        value = self._kept.get(ast.unparse(value), value)
        return isinstance(value, ast.Constant) and any(_is_same(value.value, off) for off in _OFF[name])

    def _is_none(self, value: ast.expr) -> bool:
        return _ends_in(value, "CERT_NONE") or self._is_off("cert_reqs", value)


def _is_same(value: object, off: object) -> bool:
    if off is False and type(value) is int:
        return value == 0
    return type(value) is type(off) and value == off


def _kept_in(tree: Tree) -> dict[str, ast.expr]:
    """What variables hold that never hold anything else: `VERIFY`, `self._verify`, an argument by its default."""
    found: dict[str, list[ast.expr]] = {}
    for node in ast.walk(tree.root):
        match node:
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    found.setdefault(ast.unparse(target), []).append(value)
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                found.setdefault(ast.unparse(target), []).append(value)
            case ast.AugAssign(target=target) | ast.For(target=target) | ast.NamedExpr(target=target):
                found.setdefault(ast.unparse(target), []).append(target)
            case ast.arguments():
                for name, default in _defaults_of(node):
                    found.setdefault(name, []).append(default)
    return {name: values[0] for name, values in found.items() if len(values) == 1}


def _defaults_of(arguments: ast.arguments) -> Iterator[tuple[str, ast.expr]]:
    """All arguments; one without a default may be anything, and stands for itself."""
    positional = [*arguments.posonlyargs, *arguments.args]
    without = len(positional) - len(arguments.defaults)
    defaults: list[ast.expr | None] = [*([None] * without), *arguments.defaults, *arguments.kw_defaults]
    for argument, default in zip([*positional, *arguments.kwonlyargs], defaults, strict=True):
        yield argument.arg, default or ast.Name(argument.arg)


def _is_unverified(func: ast.expr) -> bool:
    return _ends_in(func, "_create_unverified_context") or _ends_in(func, "_create_stdlib_context")


def _is_told(variable: str, value: ast.expr) -> bool:
    return variable in _VARIABLES and isinstance(value, ast.Constant) and value.value == _VARIABLES[variable]


def _by_words(words: list[ast.expr]) -> str:
    said = [each.value for each in words if isinstance(each, ast.Constant) and isinstance(each.value, str)]
    if not said or said[0].rpartition("/")[2] not in ("curl", "wget"):
        return ""
    found = next((word for word in said if word in _WORDS), "")
    return f"`{said[0]} {found}`" if found else ""


# The protocols for both sides of a connection, of which one has nothing to check.
_CHECKS_NOTHING: Final = re.compile(r"^$|PROTOCOL_(?:TLS|SSL)(?:v[\d_]+)?$")


def _protocol_of(call: ast.Call) -> str:
    given = [*call.args, *(each.value for each in call.keywords if each.arg == "protocol")]
    return ast.unparse(given[0]) if given else ""


# Other things have an attribute `verify` that says something else.
_SESSION: Final = re.compile(r"(?i)(?:sess(?:ion)?|client|https?|requests|api|conn(?:ection)?|\bs)\d*(?:\(\))?$")

_HTTP_CALLS: Final = frozenset(
    {*("get", "post", "put", "patch", "delete", "head", "options", "request"), "TCPConnector", "ws_connect"}
)


def _called(call: ast.Call) -> str:
    func = call.func
    return func.attr if isinstance(func, ast.Attribute) else func.id if isinstance(func, ast.Name) else ""


def _ends_in(node: ast.AST, name: str) -> bool:
    return (isinstance(node, ast.Attribute) and node.attr == name) or (isinstance(node, ast.Name) and node.id == name)


def _is_asked_for(tree: Tree, node: ast.AST) -> bool:
    """Whether it is done only where a user has asked for it."""
    child = node
    while child in tree.parents:
        above = tree.parents[child]
        if isinstance(above, ast.If | ast.IfExp) and child is not above.test and _ASKED.search(ast.unparse(above.test)):
            return True
        if isinstance(above, ast.FunctionDef | ast.AsyncFunctionDef) and child in above.body:
            before = above.body[: above.body.index(child)]
            if any(_leaves_if_asked(each) for each in before):
                return True
        child = above
    return False


def _leaves_if_asked(statement: ast.stmt) -> bool:
    """Whether nobody comes past it without having been asked: `if verify: return context`."""
    return (
        isinstance(statement, ast.If)
        and isinstance(statement.body[-1], ast.Return | ast.Raise)
        and _ASKED.search(ast.unparse(statement.test)) is not None
    )
