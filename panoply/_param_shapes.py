"""What the value of each param looks like: which types take text, a number, a list; what is chosen comes back as offered.

Where a value comes from (a form, a file, a flag) is not here, and neither is how a wrong one is told.
"""

from __future__ import annotations

import copy
import re
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from panoply._credential_params import WIDGET_TYPES, hides_default

if TYPE_CHECKING:
    from collections.abc import Iterable

    from panoply.config import Choice, Param

__all__ = [
    "BOOL_TYPES",
    "PLATFORM_KEYS",
    "TEXT_TYPES",
    "dashed",
    "default_of",
    "env_names",
    "is_bool",
    "is_filled",
    "is_required",
    "is_several",
    "shown_default",
]

# What the platform adds to a source's params by itself: never a misspelling.
PLATFORM_KEYS: Final = frozenset(
    {"destination", "idpattern", "inckey", "incval", "lastTimeSucceed", "state", "type", "id", "database"}
)

# Not among the types that the platform documents, but what a switch is called elsewhere.
BOOL_TYPES: Final = frozenset({"bool", "boolean", "checkbox", "toggle", "truncate-table"})

# Their values are text, even if it looks like JSON: a service account's key file, a destination `{column}`.
TEXT_TYPES: Final = frozenset(
    {"", "string", "text", "password", "hidden", "select", "schema", "destination", "primary-key", "incremental-key"}
)

# Widgets in which several names are entered.
_SEVERAL_TYPES: Final = frozenset({"exclude", "parse-string"})


def is_bool(param: Param) -> bool:
    """Whether it is a switch."""
    return param.type in BOOL_TYPES or isinstance(param.default, bool)


def is_several(param: Param) -> bool:
    """Whether its value is a list."""
    return param.is_multiple or isinstance(param.default, list) or param.type in _SEVERAL_TYPES


def is_required(param: Param) -> bool:
    """Whether a source cannot run without a value for it. What the platform adds, or keeps for itself, is none of its affair."""
    return param.required and param.name not in PLATFORM_KEYS and param.type not in WIDGET_TYPES


def is_filled(value: Any) -> bool:
    """Whether a required param of this value counts as filled in."""
    return value is not None and value not in ("", [], {})


def default_of(param: Param) -> Any:
    """The default, in the shape in which a form would give it back: a choice as CONFIG offers it. None: there is none."""
    default = copy.deepcopy(param.default)
    if param.is_multiple and isinstance(param.values, tuple) and isinstance(default, list):
        return [_as_offered(one, param.values) for one in default]
    return default


def shown_default(param: Param) -> Any:
    """The default where people may see it; None also where it is, or holds, a credential."""
    view = {"name": param.name, "title": param.title, "type": param.type, "default": param.default}
    if isinstance(param.values, tuple):
        view["values"] = [choice.value for choice in param.values]
    return None if param.is_credential or hides_default(view) else default_of(param)


def env_names(names: Iterable[str]) -> dict[str, str]:
    """The environment variable in which `panoply run` looks for each param: PANOPLY_PARAM_API_TOKEN for `apiToken`.

    Names that come out alike keep their exact spelling.
    """
    spelled = {name: dashed(name) for name in names}
    claims = Counter(form for name, short in spelled.items() for form in {name, short})
    return {
        name: "PANOPLY_PARAM_" + (short.replace("-", "_").upper() if short and claims[short] == 1 else name)
        for name, short in spelled.items()
    }


def dashed(name: str) -> str:
    """`apiToken`, `APIToken` and `api_token` as `api-token`."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "-", name)
    return re.sub(r"[_-]+", "-", words).strip("-").lower()


def _as_offered(one: Any, choices: tuple[Choice, ...]) -> Any:
    for choice in choices:
        # 1 == True in Python, but not on a form.
        if choice.value == one and isinstance(choice.value, bool) == isinstance(one, bool):
            return one if choice.offered is None else copy.deepcopy(choice.offered)
    return one
