"""The form that the platform draws from a CONFIG, as values: which fields, in which order, and what each shows at first.

How it looks is decided by who draws it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from panoply._credential_params import WIDGET_TYPES
from panoply._param_shapes import is_bool, shown_default

if TYPE_CHECKING:
    from panoply.config import Config, Param

__all__ = ["Field", "FieldKind", "Form", "form_of"]

FieldKind = Literal["line", "number", "masked", "switch", "one", "several", "login", "widget"]

# What is asked for in each widget that the platform brings along.
_WIDGETS: Final = {
    "schema": "a schema of the database",
    "destination": "the name of a table, {column} filled in for each row",
    "primary-key": "columns that identify a row",
    "incremental-key": "the column that tells new rows",
    "exclude": "columns to leave out",
    "parse-string": "columns to take apart",
    "truncate-table": "whether the table is emptied first",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field.

    Attributes:
        label: what stands above it: the title, or the name of a param without one.
        shows: what stands in it before anybody types: the default, or else the placeholder; never a credential.
        is_filled: whether that is a value, rather than a hint.
        help: Markdown below it.
        waits_for: the labels of the fields that have to be filled in before it is enabled.
        choices: what can be chosen, each with whether it is at first, and whether it can be.
        are_asked_for: whether the source is asked for the choices, once the fields that it waits for are filled in.
        note: what else is to be known: of a widget, what is asked for.
    """

    label: str
    kind: FieldKind
    is_required: bool = False
    shows: str = ""
    is_filled: bool = False
    help: str = ""
    link: str = ""
    waits_for: tuple[str, ...] = ()
    choices: tuple[tuple[str, bool, bool], ...] = ()
    are_asked_for: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A form.

    Attributes:
        fields: those that are always there; `advanced`: those that are folded away.
        hidden: the names of the params that are not drawn.
    """

    title: str
    fields: tuple[Field, ...] = ()
    advanced: tuple[Field, ...] = ()
    hidden: tuple[str, ...] = ()


def form_of(config: Config) -> Form:
    """The form that a CONFIG describes."""
    labels = {param.name: param.title or param.name for param in config.params}
    drawn = [param for param in config.params if not param.hidden and param.type != "hidden"]
    return Form(
        title=config.title,
        fields=tuple(_field(param, labels) for param in drawn if param.category != "advanced"),
        advanced=tuple(_field(param, labels) for param in drawn if param.category == "advanced"),
        hidden=tuple(param.name for param in config.params if param not in drawn),
    )


def _field(param: Param, labels: dict[str, str]) -> Field:
    default = shown_default(param)
    kind = _kind(param)
    keeps_a_secret = default is None and param.default not in (None, "", [])
    shows = "(a default that is not shown)" if keeps_a_secret else param.placeholder
    if default not in (None, ""):
        shows = default if isinstance(default, str) else json.dumps(default, ensure_ascii=False)
    chosen = default if isinstance(default, list) else [default]
    values = [each.get("value") if isinstance(each, dict) else each for each in chosen]
    return Field(
        label=labels[param.name],
        kind=kind,
        is_required=param.required,
        shows=shows,
        is_filled=keeps_a_secret or default not in (None, ""),
        help="\n\n".join(dict.fromkeys(text for text in (param.description, param.help) if text)),
        link=param.link,
        waits_for=tuple(labels[name] for name in dict.fromkeys(param.dependencies)),
        choices=tuple((choice.name, choice.value in values, not choice.disabled) for choice in param.values)
        if isinstance(param.values, tuple) and param.is_list_like
        else (),
        are_asked_for=callable(param.values) and param.is_list_like,
        note=_WIDGETS.get(param.type, "") if kind == "widget" else _notes(param),
    )


def _notes(param: Param) -> str:
    return "Panoply's addresses have to be let through to it." if param.ip_whitelist else ""


def _kind(param: Param) -> FieldKind:
    kinds: dict[str, FieldKind] = {"password": "masked", "oauth": "login", "number": "number", "select": "one"}
    if param.is_multiple:
        return "several"
    if param.type in WIDGET_TYPES:
        return "widget"
    if is_bool(param):
        return "switch"
    return kinds.get(param.type, "line")
