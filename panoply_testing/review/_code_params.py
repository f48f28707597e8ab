"""Judges whether what is read from `source` is what CONFIG declares."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Final

from panoply._spelling import nearest
from panoply_testing.review.model import Finding

if TYPE_CHECKING:
    from panoply_testing.review._code_reading import Reading

__all__ = ["judge_declared", "judge_read"]

# What the platform adds to `source` by itself.
_PLATFORM: Final = frozenset(
    {
        *("destination", "idpattern", "inckey", "incval", "lastTimeSucceed", "state", "type", "id", "database"),
        *("schema", "excludes", "stringFields", "truncateTable"),
    }
)

# Where `validate_token` and the platform keep what an OAuth dialogue gave.
_OF_OAUTH: Final = frozenset(
    {"access_token", "refresh_token", "accessToken", "refreshToken", "expires_in", "token_type"}
)


def judge_declared(reading: Reading, params: tuple[str, ...]) -> list[Finding]:
    """A finding for each key that is read and that nobody sets."""
    code = reading.code
    known = {*params, *_PLATFORM, *reading.notes.writes}
    if code.oauth:
        known |= _OF_OAUTH
    known |= _read_by_sdk(reading)
    found = []
    for name, (path, line, column, how) in sorted(reading.notes.reads.items(), key=lambda item: item[1]):
        if name in known or name.startswith("__") or how in ("attribute", "**"):
            continue
        close = nearest(name, tuple(params))
        found.append(
            Finding(
                rule="source_keys_are_declared",
                found=f"`{name}` is read from source, and no param of CONFIG has that name.",
                path=path,
                line=line,
                column=column,
                fix=f"Did you mean `{close}`? Otherwise add a param to CONFIG." if close else "",
                key=name,
            )
        )
    return found


def _read_by_sdk(reading: Reading) -> set[str]:
    """The keys where `validate_token` finds the tokens, and keeps them."""
    found: set[str] = set()
    for (name, *_), calls in reading.notes.calls.items():
        if not name.endswith("validate_token"):
            continue
        for call in calls:
            for argument, usual in (("access_key", "access_token"), ("refresh_key", "refresh_token")):
                given = call.arguments.keywords.get(argument)
                found.add(usual if given is None else given.text() or usual)
    return found


def judge_read(reading: Reading, params: tuple[str, ...]) -> list[Finding]:
    """A finding for each param that nothing reads."""
    if reading.notes.reads_any:
        return []  # all of them are handed on to something that may read any
    read = {*reading.notes.reads, *_read_by_sdk(reading), *reading.code.widgets}
    unread = [name for name in params if name not in read]
    if not unread:
        return []
    places = _places(reading)
    found = []
    for name in unread:
        path, line = places.get(name, ("", 0))
        found.append(
            Finding(
                rule="params_are_read",
                found=f"The param `{name}` is declared, and nothing reads it.",
                path=path,
                line=line,
                key=name,
            )
        )
    return found


def _places(reading: Reading) -> dict[str, tuple[str, int]]:
    """Where CONFIG declares each param."""
    found: dict[str, tuple[str, int]] = {}
    for file in reading.code.files:
        for node in ast.walk(file.tree or ast.Module([], [])):
            if not isinstance(node, ast.Dict):
                continue
            for key, value in zip(node.keys, node.values, strict=True):
                if _is_text(key, "name") and isinstance(value, ast.Constant) and isinstance(value.value, str):
                    found.setdefault(value.value, (file.path, value.lineno))
    return found


def _is_text(node: ast.expr | None, text: str) -> bool:
    return isinstance(node, ast.Constant) and node.value == text
