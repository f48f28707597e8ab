"""What the rules that read code have to know of CONFIG: the params' names, and which of them hold a credential.

It works on CONFIG itself or on its JSON view, right or wrong: what is wrong with it, other rules say.
"""

from __future__ import annotations

from dataclasses import dataclass

from panoply._config_json import json_view
from panoply._credential_params import WIDGET_TYPES
from panoply.config import names_a_credential
from panoply_testing._credential_params import credential_params

__all__ = ["KnownParams", "known_params"]


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownParams:
    """The params of a CONFIG, as `Code` has them."""

    params: tuple[str, ...]
    credentials: frozenset[str]
    widgets: frozenset[str]
    oauth: bool


def known_params(config: object) -> KnownParams:
    """The names of CONFIG's params.

    What is only `hidden` holds whatever the user need not see: it counts as a credential where its name says so.
    """
    view = json_view(config).value
    listed = view.get("params") if isinstance(view, dict) else None
    listed = listed if isinstance(listed, list) else []
    params = [param for param in listed if isinstance(param, dict) and isinstance(param.get("name"), str)]
    credentials = {
        param.name
        for param in credential_params(config)
        if param.name and (param.type != "hidden" or names_a_credential(param.name))
    }
    return KnownParams(
        params=tuple(param["name"] for param in params),
        credentials=frozenset(credentials),
        widgets=frozenset(param["name"] for param in params if _is(param, WIDGET_TYPES)),
        oauth=any(_is(param, frozenset({"oauth"})) for param in params),
    )


def _is(param: dict[str, object], kinds: frozenset[str]) -> bool:
    kind = param.get("type")
    return isinstance(kind, str) and kind in kinds
