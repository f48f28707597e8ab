"""Finds where a source's code turns off the checks that an encrypted connection is with the right far end."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, Final

from panoply_testing.review._egress_trees import Place, Tree, parsed

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

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
    "ssl_check_hostname": frozenset({False}),
    "tlsAllowInvalidCertificates": frozenset({True}),
    "tlsAllowInvalidHostnames": frozenset({True}),
    "tlsInsecure": frozenset({True}),
    "trust_server_certificate": frozenset({True}),
    "disable_ssl_certificate_validation": frozenset({True}),
    "cert_reqs": frozenset({"CERT_NONE", "none"}),
    "ssl_cert_reqs": frozenset({"CERT_NONE", "none"}),
    "sslmode": frozenset({"disable", "allow"}),
}
# These mean it wherever they stand.
_SURE: Final = frozenset(_OFF) - {"verify", "check_hostname"}

_IN_DSN: Final = re.compile(
    r"(?i)[?&\s;]?(?:sslmode=(?:disable|allow)|TrustServerCertificate=(?:yes|true)|ssl_cert_reqs=(?:none|CERT_NONE)"
    r"|tlsInsecure=true|tlsAllowInvalidCertificates=true)(?=$|[&\s;'\"])"
)

# Whoever is asked decides; what is done then is their own choice.
_ASKED: Final = re.compile(r"(?i)insecure|unsafe|verif|validat|check|self_?signed|trust|skip")


def unchecked_certificates(texts: Mapping[str, str]) -> Iterator[Place]:
    """Each place where the code turns off the checks that an encrypted connection is with the right one."""
    for tree in parsed(texts):
        for node in ast.walk(tree.root):
            what = _turned_off(tree, node)
            if what and isinstance(node, ast.expr | ast.stmt | ast.keyword) and not _is_asked_for(tree, node):
                line = node.value if isinstance(node, ast.keyword) else node
                yield tree.place(line, what)


def _turned_off(tree: Tree, node: ast.AST) -> str:
    """What turns a check off there. Empty: nothing does."""
    match node:
        case ast.keyword(arg=str(name), value=value):
            return _by_argument(name, value, tree.parents.get(node))
        case ast.Assign(targets=[ast.Attribute() as target], value=value):
            return _by_attribute(target, value)
        case ast.Call(func=func):
            return _by_call(func)
        case ast.Dict(keys=keys, values=values):
            # `verify` may be anything there.
            found = [
                f"`{key.value!r}: {ast.unparse(value)}`"
                for key, value in zip(keys, values, strict=True)
                if isinstance(key, ast.Constant) and key.value in _SURE and _is_off(str(key.value), value)
            ]
            return found[0] if found else ""
        case ast.Constant(value=str(text)) if not isinstance(tree.parents.get(node), ast.Expr):
            in_dsn = _IN_DSN.search(text)
            return f"`{in_dsn[0].strip(' ?&;')}`" if in_dsn else ""
    return ""


def _by_argument(name: str, value: ast.expr, call: ast.AST | None) -> str:
    called = _called(call) if isinstance(call, ast.Call) else ""
    if name == "ssl":
        # To a database `ssl=False` says something else.
        is_off = isinstance(value, ast.Constant) and value.value is False and called in _HTTP_CALLS
    else:
        is_off = _is_off(name, value) and (name in _SURE or called in _CALLS)
    return f"`{name}={ast.unparse(value)}`" if is_off else ""


# Other things have an attribute `verify` that says something else.
_SESSION: Final = re.compile(r"(?i)(?:sess(?:ion)?|client|https?|requests|api|conn(?:ection)?|\bs)\d*(?:\(\))?$")


def _by_attribute(target: ast.Attribute, value: ast.expr) -> str:
    name = target.attr
    is_off = (
        (name == "check_hostname" and _is_off(name, value))
        or (name == "verify" and _is_off(name, value) and _SESSION.search(ast.unparse(target.value)) is not None)
        or (name == "verify_mode" and _ends_in(value, "CERT_NONE"))
        or (name == "_create_default_https_context" and _ends_in(value, "_create_unverified_context"))
    )
    return f"`{ast.unparse(target)} = {ast.unparse(value)}`" if is_off else ""


def _by_call(func: ast.expr) -> str:
    shown = ast.unparse(func)
    if _ends_in(func, "_create_unverified_context"):
        return f"`{shown}()`"
    if shown == "disable_warnings" or shown.endswith("urllib3.disable_warnings"):
        return f"`{shown}()`, which hides that a check is off,"
    return ""


_HTTP_CALLS: Final = frozenset(
    {*("get", "post", "put", "patch", "delete", "head", "options", "request"), "TCPConnector", "ws_connect"}
)


def _called(call: ast.Call) -> str:
    func = call.func
    return func.attr if isinstance(func, ast.Attribute) else func.id if isinstance(func, ast.Name) else ""


def _is_off(name: str, value: ast.expr) -> bool:
    if name not in _OFF:
        return False
    if _ends_in(value, "CERT_NONE"):
        return name.endswith("cert_reqs")
    return isinstance(value, ast.Constant) and any(
        value.value is off or (isinstance(off, str) and value.value == off) for off in _OFF[name]
    )


def _ends_in(node: ast.expr, name: str) -> bool:
    return (isinstance(node, ast.Attribute) and node.attr == name) or (isinstance(node, ast.Name) and node.id == name)


def _is_asked_for(tree: Tree, node: ast.AST) -> bool:
    """Whether it is done only where a user has asked for it."""
    child = node
    while child in tree.parents:
        above = tree.parents[child]
        if isinstance(above, ast.If | ast.IfExp) and child is not above.test and _ASKED.search(ast.unparse(above.test)):
            return True
        child = above
    return False
