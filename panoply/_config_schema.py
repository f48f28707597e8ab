"""What `config.schema.json` says of a CONFIG, told as faults.

JSON Schema reports every keyword that fails, at every level. Here each place gets one fault: a value that JSON does not
know is one, whatever would have had to be inside of it. What lies between several params is `_config_rules`' subject.
"""

from __future__ import annotations

import importlib.resources
import json
from itertools import islice
from typing import TYPE_CHECKING, Any

from panoply._config_fault import NOTHING, Fault, Path
from panoply._config_json import CALLABLE, KEYS, is_marker
from panoply._config_words import described, expected_at
from panoply._credential_params import hides_default
from panoply.errors import MissingExtra

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jsonschema import ValidationError

__all__ = ["MOST_FAULTS", "config_schema", "known_keys", "known_types", "schema_faults"]

# Nobody reads on; a generated CONFIG could have a hundred thousand.
MOST_FAULTS = 500

_OAUTH_FIX = "Write all three, or give the param another type."


def config_schema() -> dict[str, Any]:
    """The JSON Schema, as a fresh dict."""
    text = importlib.resources.files("panoply").joinpath("config.schema.json").read_text("utf-8")
    schema: dict[str, Any] = json.loads(text)
    return schema


def known_keys(schema: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    """The keys that the schema knows: of CONFIG (`""`), of a param and of a choice."""
    parts = {"": schema, "params[]": schema["$defs"]["param"], "params[].values[]": schema["$defs"]["choice"]}
    return {name: tuple(key for key in part["properties"] if key != KEYS) for name, part in parts.items()}


def known_types(schema: dict[str, Any]) -> tuple[str, ...]:
    """The types of params that the schema knows. They are its examples: the platform gains new ones."""
    return tuple(schema["$defs"]["param"]["properties"]["type"]["examples"])


def schema_faults(view: Any, schema: dict[str, Any]) -> list[Fault]:
    """The faults of a CONFIG's JSON view, one for each place.

    Raises:
        MissingExtra: jsonschema is not installed.
    """
    try:
        from jsonschema import Draft202012Validator  # noqa: PLC0415 - heavy, and an extra
    except ImportError as exc:
        raise MissingExtra("cli", "checking a CONFIG") from exc

    faults: dict[tuple[Path, str], Fault] = {}
    # Of each param whose default has a fault: a long default is looked through once.
    hidden: dict[Path, bool] = {}
    for error in islice(Draft202012Validator(schema).iter_errors(view), MOST_FAULTS):
        for fault in _translated(error, view, hidden):
            faults.setdefault((fault.path, fault.kind), fault)
    return list(faults.values())


def _translated(error: ValidationError, view: Any, hidden: dict[Path, bool]) -> Iterator[Fault]:
    path: Path = tuple(error.absolute_path)
    secret = path[2:3] == ("default",)
    if secret:
        if path[:2] not in hidden:
            hidden[path[:2]] = hides_default(_at(path[:2], view))
        secret = hidden[path[:2]]
    if secret:
        path = path[:3]  # not even its keys are shown
    # What is wrong with such a key is that it is there; of that, jsonschema names the dict, or the key in it.
    if KEYS in path or error.schema is False:
        yield _stranger_keys(path[: path.index(KEYS)] if KEYS in path else path, error.instance)
        return
    path = _up_to_marker(path, view)
    value = _at(path, view)
    if error.validator == "required" and not is_marker(value):
        yield from _missing(path, value, error.validator_value)
        return
    expected, fix = expected_at(path)
    yield Fault(level="error", path=path, found=described(value, secret=secret), expected=expected, fix=fix)


def _missing(path: Path, value: dict[str, Any], required: Any) -> Iterator[Fault]:
    """One fault for each missing key; but `oauth` misses its URLs together, and `values` misses being a function."""
    keys = [key for key in required if key not in value]
    if CALLABLE in keys:
        expected, fix = expected_at(path)
        yield Fault(level="error", path=path, found=described(value), expected=expected, fix=fix)
    elif len(keys) > 1 and all(key.startswith("oauth") for key in keys):
        names = ", ".join(keys[:-1]) + f" and {keys[-1]}"
        found = f"type 'oauth' without {names}"
        yield Fault(
            level="error",
            path=path,
            found=found,
            expected=f"{names}, each an https:// URL",
            fix=_OAUTH_FIX,
            kind="missing",
        )
    else:
        for key in keys:
            expected, fix = expected_at((*path, key))
            yield Fault(level="error", path=(*path, key), found=NOTHING, expected=expected, fix=fix, kind="missing")


def _stranger_keys(path: Path, types: Any) -> Fault:
    kinds = ", ".join(sorted(set(types)))
    return Fault(
        level="error",
        path=path,
        found=f"a dict with a key of type {kinds}",
        expected="keys that are text",
        fix="Put the keys in quotes.",
        kind="keys",
    )


def _up_to_marker(path: Path, view: Any) -> Path:
    """The path, cut at the first value that JSON does not know: what is inside of that is not CONFIG's."""
    for length in range(len(path)):
        if is_marker(_at(path[:length], view)):
            return path[:length]
    return path


def _at(path: Path, view: Any) -> Any:
    for part in path:
        view = view[part]
    return view
