"""Finds out which params of a CONFIG can be broken so that every source has to notice, and in which ways.

A param counts only if the params at hand give it a value, or CONFIG a default: what a project's runs do without, its source
need not look at. What the form does not ask for (hidden params, the platform's widgets) is none of the user's mistakes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from panoply._credential_params import WIDGET_TYPES
from panoply.config import Config
from panoply.errors import ConfigError
from panoply_testing._config_facts import ParamFacts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from panoply.config import Param
    from panoply_testing._breakages import How

__all__ = ["is_asked_for", "is_left_out", "must_be_given", "param_facts"]


def param_facts(config: object, params: Mapping[str, Any]) -> tuple[ParamFacts, ...] | None:
    """What there is to know of the params of a CONFIG, in its order; None: there is no CONFIG whose params can be read.

    Args:
        config: the module's CONFIG, right or wrong.
        params: the params at hand, with which the source works.
    """
    try:
        parsed = Config.parse(config, to_run=True)
    except ConfigError:
        return None
    return tuple(
        ParamFacts(
            name=param.name,
            title=param.title,
            is_credential=param.is_credential,
            is_lacking=must_be_given(param) and is_left_out(params.get(param.name)),
            ways=tuple(_ways(param, params.get(param.name))),
        )
        for param in parsed.params
    )


def is_asked_for(param: Param) -> bool:
    """Whether the user fills it in, rather than the source or the platform."""
    return not param.hidden and param.type != "hidden" and param.type not in WIDGET_TYPES


def must_be_given(param: Param) -> bool:
    """Whether no source can be expected to run without a value for it."""
    return param.required and is_asked_for(param) and is_left_out(param.default)


def is_left_out(value: Any) -> bool:
    """Whether this is what a field of the form gives that nobody has filled in."""
    return value is None or (isinstance(value, str | list | dict) and not value)


def _ways(param: Param, works: Any) -> Iterator[How]:
    if must_be_given(param) and not is_left_out(works):
        yield from ("missing", "none", "empty")
    if not is_asked_for(param) or (is_left_out(works) and is_left_out(param.default)):
        return
    if param.type == "number":
        yield "not-a-number"
    if param.is_multiple:
        yield from ("a-number", "an-object")
    # What a function offers, the far end knows better than the source: it may have changed in the meantime.
    if param.is_list_like and isinstance(param.values, tuple) and param.values:
        yield "no-such-choice"
