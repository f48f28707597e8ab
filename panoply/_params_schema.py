"""The JSON Schema of a source's params: what the form gives back, and what a params file has to look like.

Derived from CONFIG alone. It is strict where CONFIG says something (a number, one of these choices) and takes anything where
it does not (a type that only the platform knows). How a value that does not fit is told is `panoply.params`' subject.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from panoply._param_shapes import (
    TEXT_TYPES,
    is_filled,
    is_required,
    is_several,
    shown_default,
)
from panoply.errors import MissingExtra

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator

    from panoply.config import Choice, Config, Param

__all__ = ["PLATFORM", "is_lacking", "params_schema", "validator", "value_schema"]

_ONE: Final = ("string", "number", "object")

# What the platform adds to the params by itself; where a param has that name, it is the param's schema that counts.
PLATFORM: Final[dict[str, dict[str, Any]]] = {
    "destination": {
        "type": "string",
        "description": "The table for the records; `{column}` is filled in for each row.",
    },
    "idpattern": {"type": "string", "description": "The primary key; `{column}` is filled in for each row."},
    "inckey": {"type": "string", "description": "The column by which new rows are told from old ones."},
    "incval": {"description": "The highest value of that column so far."},
    "lastTimeSucceed": {"type": "string", "format": "date-time", "description": "When the last collection succeeded."},
    "state": {"type": "object", "description": "How far the last collection came, as the source reported it."},
    "type": {"type": "string", "description": "The name of the kind of source."},
    "id": {"description": "The platform's identifier of this source."},
    "database": {"description": "The database that the records go to."},
}

_NUMBER_TEXT: Final = r"^\s*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?\s*$"


def params_schema(config: Config) -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of the values that a source of this CONFIG gets.

    A param that is required and has no default has to be there, and not be empty; any other may be left out, null or empty.
    What is chosen has the shape in which CONFIG offers it. Besides the params there may be what the platform adds by itself,
    and keys that begin with `__`; nothing else. The values of credentials are `writeOnly`, and their defaults left out.
    """
    required = [param.name for param in config.params if is_lacking(param, None)]
    names = {param.name for param in config.params}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"Params of {config.title}",
        "description": f"What the source {config.title} has to be told to collect.",
        "type": "object",
        **({"required": required} if required else {}),
        "properties": {
            **{param.name: value_schema(param) for param in config.params},
            **{name: {"title": name, **added} for name, added in PLATFORM.items() if name not in names},
        },
        "patternProperties": {"^__": True},
        "additionalProperties": False,
    }


def is_lacking(param: Param, value: Any) -> bool:
    """Whether a param is required, and neither this value nor its default fills it in; what the platform adds, it adds."""
    return is_required(param) and not is_filled(value) and not is_filled(param.default)


def value_schema(param: Param) -> dict[str, Any]:
    """The schema of one param's value."""
    text = "\n\n".join(
        dict.fromkeys(part for part in (param.description, param.help, param.link and f"See {param.link}") if part)
    )
    schema: dict[str, Any] = {"title": param.title or param.name}
    if text:
        schema["description"] = text
    schema |= _shape(param)
    if param.is_credential:
        schema["writeOnly"] = True
    default = shown_default(param)
    # One that does not fit, or fills in nothing that is required, is a warning of `check_config`, and would mislead an editor.
    if default is not None and not is_lacking(param, default) and validator(schema).is_valid(default):
        schema["default"] = default
    return schema


def validator(schema: dict[str, Any]) -> Draft202012Validator:
    """What validates values against a schema.

    Raises:
        MissingExtra: jsonschema is not installed.
    """
    try:
        from jsonschema import Draft202012Validator  # noqa: PLC0415 - heavy, and an extra
    except ImportError as exc:
        raise MissingExtra("cli", "checking params") from exc
    return Draft202012Validator(schema)


def _shape(param: Param) -> dict[str, Any]:
    """The keywords that say what a value is."""
    must = is_lacking(param, None)
    if param.type == "select" and isinstance(param.values, tuple) and param.values:
        choice = _one_of(param.values, entries=False)
        return choice if must else {"anyOf": [choice, {"enum": [None, ""]}]}
    if param.type == "number":
        # What a form once gave as text is text in many a source's default, too.
        as_text = isinstance(param.default, str) and param.default.strip() != ""
        schema: dict[str, Any] = (
            {"type": ["number", "string"], "pattern": _NUMBER_TEXT} if as_text else {"type": "number"}
        )
        return schema if must else {"anyOf": [schema, {"enum": [None, ""]}]}
    kinds = _kinds(param)
    if not kinds:
        # Not drawn, or of a type that only the platform knows: the source knows what to do with it.
        return {"not": {"enum": [None, "", [], {}]}} if must else {}
    schema = {"type": kinds[0] if must and len(kinds) == 1 else [*kinds, *(() if must else ("null",))]}
    if "array" in kinds and is_several(param):
        schema["items"] = _items(param)
    if must:
        schema |= {"minLength": 1} if "string" in kinds else {}
        schema |= {"minItems": 1} if "array" in kinds else {}
        schema |= {"minProperties": 1} if "object" in kinds else {}
    return schema


def _kinds(param: Param) -> list[str]:
    """The JSON types that a value may have; none: any."""
    if param.is_multiple:
        return ["array"]
    if param.type == "truncate-table" or (not param.type and isinstance(param.default, bool)):
        kinds = ["boolean"]
    elif param.type == "select":
        kinds = list(_ONE)
    elif param.type == "oauth":
        kinds = ["string", "object"]
    elif is_several(param):
        kinds = ["array", "string"]
    elif param.type != "hidden" and param.type in TEXT_TYPES:
        kinds = ["string"]
    else:
        return []
    # A default that is of another type is one that the source takes.
    return kinds if param.default is None else list(dict.fromkeys((*kinds, _json_type(param.default))))


def _items(param: Param) -> dict[str, Any]:
    if isinstance(param.values, tuple) and param.values:
        return _one_of(param.values, entries=True)
    if param.is_multiple:
        return {"type": list(_ONE), "required": ["value"]}
    return {}


def _one_of(choices: tuple[Choice, ...], *, entries: bool) -> dict[str, Any]:
    """One of the choices: with `entries`, in the shape in which CONFIG offers it; otherwise also its mere value."""
    seen: set[str] = set()
    schemas: list[dict[str, Any]] = []
    for choice in choices:
        is_entry = isinstance(choice.offered, dict)
        key = f"{is_entry} {_json_type(choice.value)} {choice.value!r}"
        if choice.disabled or key in seen:
            continue
        seen.add(key)
        if not (is_entry and entries):
            schemas.append({"const": choice.value, "title": choice.name})
        if is_entry:
            schemas.append(
                {
                    "title": choice.name,
                    "type": "object",
                    "required": [key for key in ("name", "value") if key in choice.offered],
                    "properties": {"value": {"const": choice.value}},
                }
            )
    if schemas and all(
        schema.keys() == {"const", "title"} and schema["const"] == schema["title"] for schema in schemas
    ):
        return {"enum": [schema["const"] for schema in schemas]}
    return {"anyOf": schemas} if schemas else {"not": {}}


def _json_type(value: Any) -> str:
    names = {dict: "object", list: "array", str: "string", bool: "boolean", int: "number", float: "number"}
    return names.get(type(value), "null")
