"""Secrets that sit inside a longer text: the password of a URL or a DSN, the token of a header, a private key.

Pure. Whether a name says that a credential lies behind it is for the caller to decide, as everywhere.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["inner_secrets", "is_address", "is_dsn", "parsed_json"]

# Of a URL: `postgres://user:PASSWORD@host`. Passwords that hold a `/` or a `@` should be percent-encoded there, and are not
# always: the first takes all up to the first `@`, the second all up to the last one before a `/`.
_URL_PASSWORDS = (re.compile(r"://[^/\s:@]*:([^\s@]+)@"), re.compile(r"://[^/\s:@]*:([^\s/]+)@"))

# `jdbc:oracle:thin:user/PASSWORD@host`.
_ORACLE_PASSWORD = re.compile(r"(?i)\bjdbc:oracle:\w+:[^/\s@:]+/([^\s@]+)@")

# Of a DSN: `host=db password=...`; of ODBC, `PWD={p@ss;word}`, with `}}` for a brace.
_DSN_VALUE = r"\"[^\"]*\"|'[^']*'|\{(?:[^}]|\}\})*\}"
_DSN_PASSWORD = re.compile(rf"(?i)\b(?:password|passwd|pwd|secret|token)\s*=\s*({_DSN_VALUE}|[^\s;&\"']+)")

# A text that consists of such pairs, and nothing else; and what follows the `?` of a URL. Not a statement of SQL.
_PAIR = rf"[\w.-]+(?: [\w.-]+)*=(?:{_DSN_VALUE}|[^\s;&\"']*)"
_DSN = re.compile(rf"(?:[\w+.:-]+//[^;?\s]*;)?{_PAIR}(?:[;&\s]+{_PAIR})*[;\s]*")
_QUERY = re.compile(rf"://[^\s?]*\?({_PAIR}(?:&{_PAIR})*)")
_PAIRS = re.compile(rf"([\w.-]+(?: [\w.-]+)*)=({_DSN_VALUE}|[^\s;&\"']+)")

# `Bearer TOKEN`, by itself or in a line that names the header. Of the value of a credential, any scheme will do.
_HEADER = re.compile(r"(?i)\bauthorization[\"']?\s*[:=]\s*[\"']?(?:(?P<scheme>[a-z][\w-]*)\s+)?(?P<token>[^\s\"',;]+)")
_BEARER = re.compile(r"(?i)\b(?P<scheme>bearer)\s+(?P<token>[\w.~+/=-]{16,})")
_SCHEME = re.compile(
    r"(?i)\s*(?P<scheme>bearer|basic|token|api-?key|key|bot|oauth|jwt|digest|negotiate)[ \t]+(?P<token>\S+)\s*"
)

# A word that happens to follow "authorization:" in a sentence is shorter, and has no digit.
_LONG_TOKEN = 16

_PRIVATE_KEY = re.compile(r"-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----.*?-----END [A-Z0-9 ]*PRIVATE KEY-----", re.DOTALL)

_LONGEST_DSN = 4096

_ADDRESS = re.compile(r"(?i)(?:jdbc:|[a-z][a-z0-9+.-]*://)\S*")


def inner_secrets(
    value: str, is_credential: Callable[[str], bool], *, secret: bool = False
) -> Iterator[tuple[str, str]]:
    """What is secret within a text, each with what it is: `the password in it`.

    Args:
        value: the text.
        is_credential: whether a name, within the text, says that a credential follows.
        secret: whether the text is the value of a credential.
    """
    for pattern in (*_URL_PASSWORDS, _ORACLE_PASSWORD):
        for match in pattern.finditer(value):
            yield "the password in it", match[1]
            yield "the password in it", unquote(match[1])
    for match in _DSN_PASSWORD.finditer(value):
        yield "the password in it", _unquoted(match[1])
    for pairs in _pairs(value):
        for name, one in _PAIRS.findall(pairs):
            if is_credential(name):
                yield f"{name} in it", _unquoted(one)
                yield f"{name} in it", unquote(_unquoted(one))
    for match in _PRIVATE_KEY.finditer(value):
        if match[0] != value.strip():
            yield "the private key in it", match[0]
    yield from _headers(value, secret=secret)


def is_address(value: str) -> bool:
    """Whether a value is a URL or a DSN: of these, the password is the credential, and not the whole."""
    return _ADDRESS.fullmatch(value.strip()) is not None or is_dsn(value)


def is_dsn(value: str) -> bool:
    """Whether a value consists of names and values, several of them: `host=db password=...`."""
    return _is_pairs(value) and len(_PAIRS.findall(value)) > 1


def parsed_json(value: str) -> Any:
    """The object or the list that a text holds as JSON, or within base64; None if there is none."""
    text = value.strip()
    if text.startswith(("eyJ", "ewo", "ewog", "W3")) and "." not in text:
        text = _decoded(text).strip()
    if not text.startswith(("{", "[")):
        return None
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return None


def _unquoted(value: str) -> str:
    """What stands between the quotes of a DSN's value, or between the braces that ODBC has for quotes."""
    if value[:1] == "{" and value[-1:] == "}":
        return value[1:-1].replace("}}", "}")
    return value.strip("\"'")


def _pairs(value: str) -> Iterator[str]:
    if _is_pairs(value):
        yield value
    else:
        yield from (match[1] for match in _QUERY.finditer(value))


def _is_pairs(value: str) -> bool:
    # A base64 text with its padding looks like a name without a value.
    text = value.strip()
    return len(text) <= _LONGEST_DSN and "=" in text.rstrip("=") and _DSN.fullmatch(text) is not None


def _headers(value: str, *, secret: bool) -> Iterator[tuple[str, str]]:
    found = [*_HEADER.finditer(value), *_BEARER.finditer(value)]
    if secret and (whole := _SCHEME.fullmatch(value)) is not None:
        found.append(whole)
    for match in found:
        token = match["token"]
        if not (secret or len(token) >= _LONG_TOKEN or any(map(str.isdigit, token))):
            continue
        yield "the token in it", token
        if (match["scheme"] or "").lower() == "basic":
            _, colon, password = _decoded(token).partition(":")
            if colon:
                yield "the password in it", password


def _decoded(text: str) -> str:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True).decode("utf-8", "replace")
    except (ValueError, binascii.Error):
        return ""
