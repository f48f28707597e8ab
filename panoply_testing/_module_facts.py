"""What there is to say of a source's module once it is imported: of its Stream, its CONFIG, and where its code is."""

from __future__ import annotations

import difflib
import inspect
from typing import TYPE_CHECKING, Any, Final

import panoply
from panoply._icon_look import icon_facts
from panoply.config import check_config
from panoply_testing._credential_params import credential_params
from panoply_testing._facts import described, is_source, named
from panoply_testing._param_facts import param_facts
from panoply_testing.observation import ModuleFacts

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import ModuleType

    from panoply_testing._raised import Places

__all__ = ["module_facts"]

_NOTHING: Final = object()


def module_facts(module: ModuleType, places: Places, given: Mapping[str, Any] | None) -> ModuleFacts:
    """Look at a module, without calling anything in it.

    Args:
        module: the source's.
        places: tells its own files from others, and what to call them.
        given: the params at hand. None: what takes longer to find out (of the icon, and of single params) is left out.
    """
    stream, config = named(module, "Stream", _NOTHING), named(module, "CONFIG", _NOTHING)
    # As it was defined: what a decorator gives without an instance may be anything.
    read = inspect.getattr_static(stream, "read", None)
    names = [name for name in vars(module) if not name.startswith("_")]
    sources = [name for name in names if is_source(named(module, name))]
    is_class = inspect.isclass(stream)
    return ModuleFacts(
        name=module.__name__,
        stream=None if stream is _NOTHING else described(stream),
        stream_is_class=is_class,
        stream_is_data_source=is_class and issubclass(stream, panoply.DataSource),
        overrides_read=(callable(read) or hasattr(type(read), "__get__")) and read is not panoply.DataSource.read,
        config_findings=None if config is _NOTHING else check_config(config),
        icon=None if given is None else icon_facts(config),
        credential_params=credential_params(config),
        params=None if given is None else param_facts(config, given),
        read_at=_definition(read, places),
        home=str(places.home or ""),
        similar_names=(*sources, *difflib.get_close_matches("Stream", names, n=3, cutoff=0.6)),
    )


def _definition(function: Any, places: Places) -> str:
    try:
        code = getattr(inspect.unwrap(function), "__code__", None)
    except Exception:  # noqa: BLE001 - a wrapper of the source's own, which may answer with anything
        code = None
    if code is None or places.is_of_the_kit(code.co_filename) or places.is_of_the_sdk(code.co_filename):
        return ""
    return f"{places.shown(code.co_filename)}:{code.co_firstlineno} in {code.co_name}"
