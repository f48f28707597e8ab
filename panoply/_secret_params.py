"""Which params and options of a source hold credentials, as its CONFIG and their names say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from panoply.config import Config, names_a_credential
from panoply.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

__all__ = ["is_credential"]


def is_credential(module: ModuleType) -> Callable[[str], bool]:
    """Whether a param or option of this name holds a credential: CONFIG marks it, or its name says so."""
    try:
        config = Config.parse(getattr(module, "CONFIG", None), to_run=True)
        marked = {param.name for param in config.params if param.is_credential}
    except ConfigError:
        marked = set()
    # What `options["refresh"]` holds exists to obtain tokens.
    return lambda name: name in marked or name == "refresh" or names_a_credential(name)
