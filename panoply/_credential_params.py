"""Which params hold a credential: those whose type says so, and those whose name does.

It works on a param's JSON view, right or wrong, so that no message about a wrong CONFIG shows what is to be kept secret.
"""

from __future__ import annotations

from typing import Any

from panoply._credential_names import names_a_credential
from panoply.masking import credential_values

__all__ = ["CREDENTIAL_TYPES", "WIDGET_TYPES", "hides_default", "is_credential_view"]

# `password` and `oauth` are masked by the form. `hidden` is not drawn at all, and is where sources keep tokens.
CREDENTIAL_TYPES = frozenset({"password", "oauth", "hidden"})

# Widgets of the platform, which consumes their values: names of tables and columns, never a credential.
WIDGET_TYPES = frozenset(
    {"schema", "destination", "primary-key", "incremental-key", "exclude", "parse-string", "truncate-table"}
)


def is_credential_view(param: Any) -> bool:
    """Whether the JSON view of a param says that its value is a credential.

    What is chosen from a list that CONFIG itself holds is none, whatever its name: everybody can read that list.
    """
    if not isinstance(param, dict):
        return False
    name, kind = param.get("name"), param.get("type")
    if isinstance(kind, str) and kind in CREDENTIAL_TYPES:
        return True
    if isinstance(kind, str) and kind in WIDGET_TYPES:
        return False
    values = param.get("values")
    if isinstance(values, list) and values:
        return False
    return isinstance(name, str) and names_a_credential(name)


def hides_default(param: Any) -> bool:
    """Whether nobody may be shown the default of a param: the name, the title or the type hints at a credential, or it has
    one in it (a URL with a password, a tunnel with a key).

    Broader than `is_credential_view`, as a message loses little by it; a param without a name may be anything.
    """
    if not isinstance(param, dict) or not isinstance(param.get("name"), str):
        return True
    title = param.get("title")
    says_so = names_a_credential(param["name"]) or (isinstance(title, str) and names_a_credential(title))
    if says_so or is_credential_view(param):
        return True
    inner = credential_values({"": param.get("default")}, names_a_credential)
    return next(inner, None) is not None
