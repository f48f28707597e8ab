"""A valid CONFIG in one form: what may be left out is there, and no default that is a credential is."""

from __future__ import annotations

import copy
from typing import Any, Final

from panoply._credential_params import hides_default
from panoply._spelling import nearest
from panoply.masking import STARS

__all__ = ["normal_config"]

# What a param's absent keys mean.
_ABSENT: Final = {"title": "", "type": "", "required": False, "hidden": False, "dependencies": []}


def normal_config(view: dict[str, Any]) -> dict[str, Any]:
    """Normalise the JSON view of a valid CONFIG; it stays valid by `config.schema.json`.

    The choices stay as they are offered, since that is how they come back.
    """
    params = view["params"] or []  # `{}` stands for an empty list
    return {**copy.deepcopy(view), "params": [_param(param) for param in params]}


def _param(param: dict[str, Any]) -> dict[str, Any]:
    result = {"name": param["name"], **copy.deepcopy({**_ABSENT, **param})}
    for key, value in param.items():
        # A misspelled key holds what the right one would.
        is_default = key == "default" or (key not in _ABSENT and nearest(key, ["default"]) is not None)
        if is_default and value not in (None, "", [], {}) and hides_default({**param, "default": value}):
            result[key] = STARS
    return result
