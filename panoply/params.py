"""The params of a source, as its users fill them in: what they have to look like, and what is wrong with some.

    config = Config.parse(mymod.CONFIG)
    for finding in check_params(config, {"token": "...", "pages": "two"}):
        print(finding)

All of it follows from CONFIG; nothing here asks a source, or calls its functions. No message holds a value: it may be a
credential, put into the wrong place.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from panoply._config_json import KEYS, TYPE, is_marker, json_view
from panoply._param_shapes import PLATFORM_KEYS, is_bool, is_several
from panoply._params_example import params_example
from panoply._params_schema import PLATFORM, is_lacking, params_schema, validator, value_schema
from panoply._spelling import did_you_mean, nearest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from panoply.config import Config, Param

__all__ = ["ParamsFinding", "check_params", "params_example", "params_schema"]

# So many choices are named.
_SHOWN: Final = 10

# So many entries of one list are told of.
_MOST: Final = 5

_NAMES: Final[dict[type, str]] = {
    list: "a list",
    str: "text",
    bool: "true or false",
    int: "a number",
    float: "a number",
    dict: "an object",
}

_OF_PLATFORM: Final = {"string": "text, as the platform adds it", "object": "an object, as the platform adds it"}

_EMPTY: Final[dict[type, str]] = {str: "empty text", list: "an empty list", dict: "an empty object"}


@dataclass(frozen=True, slots=True, kw_only=True)
class ParamsFinding:
    """One thing that is wrong with the values of a source's params.

    Attributes:
        path: where, as `tables[1]`; empty for the whole.
        found: what is there, never the value itself.
        expected: what should be there.
        fix: the next step; empty where `expected` says it all.
    """

    path: str
    found: str
    expected: str
    fix: str = ""

    def __str__(self) -> str:
        next_step = f" {self.fix}" if self.fix else ""
        return f"{self.path or 'the params'}: found {self.found}; expected {self.expected}.{next_step}"


def check_params(config: Config, params: Mapping[str, Any]) -> tuple[ParamsFinding, ...]:
    """Find everything that is wrong with the values of a source's params, in the order of CONFIG.

    What is right satisfies `params_schema(config)`. Choices that a function gives are not asked for.

    Raises:
        MissingExtra: jsonschema, which the extra `cli` brings, is not installed.
    """
    view = json_view(params).value
    if not isinstance(view, dict) or is_marker(view):
        return (
            ParamsFinding(path="", found=_described(view), expected="a dict: the name of each param, and its value"),
        )
    names = [param.name for param in config.params]
    known = {*names, *PLATFORM_KEYS}
    strangers = [name for name in view if name not in known and not name.startswith("__") and name != KEYS]
    findings: list[ParamsFinding] = []
    meant: set[str] = set()
    for name in strangers:
        near = nearest(name, [other for other in names if other not in view])
        meant |= {near} if near is not None else set()
        findings.append(
            ParamsFinding(
                path=name[:60],
                found="a key that is no param",
                expected=f"one of: {_listed(names)}" if near is None and names else "the name of a param",
                fix="Remove it." if near is None else f"Did you mean {near!r}?",
            )
        )
    if KEYS in view:
        findings.append(ParamsFinding(path="", found="a key that is no text", expected="the names of params"))
    findings += [
        ParamsFinding(path=name, found=_described(view[name]), expected=_OF_PLATFORM[PLATFORM[name]["type"]])
        for name in view
        if name in PLATFORM_KEYS and name not in names and not validator(PLATFORM[name]).is_valid(view[name])
    ]
    for param in config.params:
        # One that is merely misspelled is told once.
        if param.name in view or param.name not in meant:
            findings += _of_param(param, view)
    return tuple(findings)


def _of_param(param: Param, view: Mapping[str, Any]) -> Iterator[ParamsFinding]:
    value = view.get(param.name)
    if is_lacking(param, value):
        found = "nothing" if param.name not in view else _described(value)
        yield ParamsFinding(path=param.name, found=found, expected=f"{_expected(param)}: it is required")
        return
    if param.name not in view:
        return
    if isinstance(value, list) and is_several(param):
        items = validator(value_schema(param).get("items", {}))
        wrong = [index for index, item in enumerate(value) if not items.is_valid(item)]
        for index in wrong[:_MOST]:
            yield ParamsFinding(
                path=f"{param.name}[{index}]",
                found=_described(value[index], param),
                expected=_expected_item(param),
                fix=_question(value[index], param),
            )
    elif is_marker(value) or not validator(value_schema(param)).is_valid(value):
        yield ParamsFinding(
            path=param.name, found=_described(value, param), expected=_expected(param), fix=_question(value, param)
        )


def _expected(param: Param) -> str:
    """What the value of a param is, in words."""
    if is_several(param):
        return "a list of names" if not param.is_multiple else f"a list, each of it {_expected_item(param)}"
    if param.type == "select" and isinstance(param.values, tuple) and param.values:
        return f"one of: {_listed(_offered(param))}"
    if is_bool(param):
        return "true or false"
    if param.type == "number":
        return "a number, without quotes"
    return "a value" if param.type in ("hidden", "oauth") else "text"


def _expected_item(param: Param) -> str:
    if not isinstance(param.values, tuple) or not param.values:
        return 'text, a number, or {"name": ..., "value": ...}'
    entries = [choice for choice in param.values if isinstance(choice.offered, dict)]
    shape = ' as {"name": ..., "value": ...}' if len(entries) == len(param.values) else ""
    return f"one of: {_listed(_offered(param))}{shape}"


def _offered(param: Param) -> list[str]:
    values = param.values if isinstance(param.values, tuple) else ()
    return [str(choice.value)[:60] for choice in values if not choice.disabled]


def _question(value: Any, param: Param) -> str:
    """What may be meant, where something else was chosen than is offered."""
    if isinstance(value, dict) and "value" in value:
        value = value["value"]
    offered = _offered(param) if param.is_list_like else []
    return did_you_mean(value, offered) if isinstance(value, str) and value not in offered else ""


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more


def _described(value: Any, param: Param | None = None) -> str:
    """A value by its type: never itself."""
    if is_marker(value):
        return f"a {value[TYPE]}" if TYPE in value else "a function"
    if value is None:
        return "nothing"
    if isinstance(value, str | list | dict) and not value:
        return _EMPTY[type(value)]
    name = _NAMES[type(value)]
    if param is not None and param.is_list_like and isinstance(param.values, tuple) and not isinstance(value, bool):
        fitting = {str(choice.value) for choice in param.values}
        inner = value.get("value") if isinstance(value, dict) else value
        return name if str(inner) in fitting else f"{name} that is not offered"
    return name
