"""Finds the params of a CONFIG that hold a credential, and whether the form shows what is typed into them.

Wider than what the SDK takes for a credential (which is also looked for in all that a source lets out): here a title
counts as well, and an example that has a password in it.
"""

from __future__ import annotations

import re
from typing import Any, Final

from panoply._config_json import json_view
from panoply._config_schema import config_schema, known_types
from panoply._credential_params import CREDENTIAL_TYPES, WIDGET_TYPES, is_credential_view
from panoply._spelling import nearest
from panoply.config import names_a_credential
from panoply_testing._config_facts import CredentialParam

__all__ = ["credential_params"]

# The types that the form masks.
MASKED: Final = frozenset({"password", "oauth"})

# Types into which text is typed: a title or an example says little about what is chosen or counted.
_TEXT: Final = frozenset({"", "string", "text"})

# A longer title is a sentence, which may well speak of a credential that is somewhere else.
_TITLE_WORDS: Final = 4

# Titles of one word that says as much of a record as of a credential.
_AMBIGUOUS: Final = frozenset({"key", "keys", "pass", "auth"})

# `postgres://user:password@host`, and `Server=db;User=ada;Password=...`.
_IN_A_URL = re.compile(r"://[^/\s:@]*:[^/\s@]+@")
_IN_A_DSN = re.compile(r"(?i)(?:^|[\s;?&])(?:password|passwd|pwd)\s*=\s*[^\s;&]")


def credential_params(config: object) -> tuple[CredentialParam, ...]:
    """The params that hold a credential, in the order of CONFIG, however broken the rest of it is."""
    view = json_view(config).value
    params = view.get("params") if isinstance(view, dict) else None
    if not isinstance(params, list):
        return ()
    known = known_types(config_schema())
    found = (_read(param, f"params[{index}]", known) for index, param in enumerate(params) if isinstance(param, dict))
    return tuple(param for param in found if param is not None)


def _read(param: dict[str, Any], path: str, known: tuple[str, ...]) -> CredentialParam | None:
    because = _because(param, known)
    if because is None:
        return None
    name, kind = param.get("name"), param.get("type", "")
    meant = ""
    if kind == "hidden" or param.get("hidden") is True:
        shown: bool | None = False  # it is not drawn at all
    elif not isinstance(kind, str):
        shown = None
    elif kind in known:
        shown = kind not in MASKED
    else:
        # A misspelled type is drawn as a line of text. Any other the platform may have gained since.
        meant = nearest(kind, known) or ""
        shown = True if meant else None
    return CredentialParam(
        path=path,
        name=name if isinstance(name, str) else "",
        type=kind[:60] if isinstance(kind, str) else "(no text)",
        because=because,
        shown=shown,
        meant=meant,
    )


def _because(param: dict[str, Any], known: tuple[str, ...]) -> str | None:
    """What says that a param holds a credential; None: nothing does."""
    kind = param.get("type", "")
    kind = kind if isinstance(kind, str) else ""
    if is_credential_view(param):
        return "its type" if kind in CREDENTIAL_TYPES else "its name"
    values = param.get("values")
    is_chosen = isinstance(values, list) and bool(values)
    if is_chosen or kind in WIDGET_TYPES or (kind in known and kind not in _TEXT):
        return None
    title = param.get("title")
    if isinstance(title, str) and _says_so(title) and not _speaks_of_one(param.get("name")):
        return "its title"
    inner = ((key, _inside(param.get(key))) for key in ("default", "placeholder"))
    return next((f"its {key} ({found})" for key, found in inner if found is not None), None)


def _speaks_of_one(name: object) -> bool:
    """Whether the name has the word in it and says that it is something else: token_type, password_url, access_key_id.

    Names are chosen with more care than titles ("Type of the token").
    """
    return isinstance(name, str) and any(names_a_credential(word) for word in re.findall(r"[A-Za-z][a-z]+", name))


def _says_so(title: str) -> bool:
    short = 0 < len(title.split()) <= _TITLE_WORDS
    return short and title.strip().lower() not in _AMBIGUOUS and names_a_credential(title)


def _inside(value: Any) -> str | None:
    """The credential that an example has in it, in words that do not show it."""
    if isinstance(value, str):
        if _IN_A_URL.search(value):
            return "a URL with a password in it"
        return "a connection string with a password in it" if _IN_A_DSN.search(value) else None
    if isinstance(value, dict):
        for key, inner in value.items():
            if names_a_credential(key):
                return f"an object with the key {key[:60]!r}"
            found = _inside(inner)
            if found is not None:
                return found
    if isinstance(value, list):
        return next(filter(None, map(_inside, value)), None)
    return None
