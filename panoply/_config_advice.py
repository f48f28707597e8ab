"""What a CONFIG had better have or not have: the warnings, which make it no less valid.

Each rule is a function from the sound part of a CONFIG to faults; `ADVICE` is all of them. A missing key is warned of
under its own place, so that one that is merely misspelled is told once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from typing import Any, Final

from panoply._config_fault import NOTHING, Fault, Path
from panoply._config_json import KEYS
from panoply._config_rules import cycles, edges
from panoply._config_sound import Sound
from panoply._config_words import described, expected_at
from panoply._credential_params import CREDENTIAL_TYPES, hides_default, is_credential_view
from panoply._spelling import nearest

__all__ = ["ADVICE", "LIST_TYPES"]

# Types of params whose value is chosen from `values`.
LIST_TYPES: Final = frozenset({"list", "dynamic-list", "select"})

_OAUTH_URLS = ("oauthAuthorizeURL", "oauthAccessURL", "oauthRefreshURL")

# What is lost without the key.
_RECOMMENDED: Final = {
    "icon": "Users recognise a source by its icon.",
    "createdAt": "New sources are shown as new.",
    "categories": "A source without a category is on no shelf.",
    "keywords": "Sources are found by their keywords.",
}


def keys_are_known(sound: Sound) -> Iterator[Fault]:
    """The platform ignores a key that it does not know; keys of one's own begin with `x-` or `__`."""
    yield from _unknown_keys((), sound.config, sound.keys[""])
    for index, param in sound.params:
        yield from _unknown_keys(("params", index), param, sound.keys["params[]"])
        values = param.get("values")
        for number, entry in enumerate(values if isinstance(values, list) else ()):
            if isinstance(entry, dict):
                yield from _unknown_keys(("params", index, "values", number), entry, sound.keys["params[].values[]"])


def types_are_known(sound: Sound) -> Iterator[Fault]:
    """A misspelled type is drawn as a line of text: a password, for example, in clear."""
    for index, param in sound.params:
        kind = param.get("type", "")
        if kind not in sound.types:
            near = nearest(kind, sound.types)
            known = "a known type" + (f": {', '.join(filter(None, sound.types))}" if near is None else "")
            fix = "Leave it if the platform has a new type of that name." if near is None else f"Did you mean {near!r}?"
            fault = _warning(("params", index, "type"), described(kind), known, fix)
            # A misspelled one does not mask, whatever the platform gains.
            yield replace(fault, never_error=near is None or not is_credential_view(param))


def recommended_keys_are_there(sound: Sound) -> Iterator[Fault]:
    """A source without them works, and is hard to find."""
    for key, reason in _RECOMMENDED.items():
        value = sound.config.get(key)
        if (value is None or value == []) and (key,) not in sound.faulty:
            expected, fix = expected_at((key,))
            found = NOTHING if value is None else described(value)
            yield _warning((key,), found, expected, f"{reason} {fix}", missing=value is None)


def params_are_list(sound: Sound) -> Iterator[Fault]:
    """The README's first example has `{}`: it is read as `[]`."""
    if sound.config.get("params") == {}:
        fault = _warning(("params",), "an empty dict", "a list", 'Write "params": [].')
        yield replace(fault, never_error=True)


def created_at_has_been(sound: Sound) -> Iterator[Fault]:
    """A source cannot have been published tomorrow."""
    text = sound.config.get("createdAt", "")
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return
    if day > sound.today:
        expected = f"a day up to today, {sound.today.isoformat()}"
        yield _warning(("createdAt",), described(text), expected, "Write the day of the first publication.")


def visible_params_have_titles(sound: Sound) -> Iterator[Fault]:
    """The title is the field's label."""
    for index, param in sound.params:
        path: Path = ("params", index, "title")
        title = param.get("title")
        if _is_visible(param) and not (title and title.strip()) and path not in sound.faulty:
            found = NOTHING if title is None else described(title)
            yield _warning(path, found, "a title", "Write the label of the field.", missing=title is None)


def choices_are_offered(sound: Sound) -> Iterator[Fault]:
    """A list without values has nothing to choose from."""
    for index, param in sound.params:
        path: Path = ("params", index, "values")
        if param.get("type") in LIST_TYPES and not param.get("values") and path not in sound.faulty:
            found = described(param["values"]) if "values" in param else NOTHING
            expected, fix = expected_at(path)
            yield _warning(path, found, expected, fix, missing="values" not in param)


def defaults_fit(sound: Sound) -> Iterator[Fault]:
    """A default that does not fit the type or the values is one that the user could not enter."""
    faulty = {path[:3] for path in sound.faulty}
    for index, param in sound.params:
        default = param.get("default")
        if default is None or default == "" or ("params", index, "default") in faulty:  # the first two: begin empty
            continue
        expected = _misfit(default, param)
        if expected is not None:
            found = described(default, secret=hides_default(param))
            fix = "Write the default as the user would give it, or leave the key out."
            yield _warning(("params", index, "default"), found, expected, fix)


def dependencies_come_first(sound: Sound) -> Iterator[Fault]:
    """A form is filled in from the top."""
    cyclic = {index for cycle in cycles(sound) for _, index in cycle}
    for path, name, target in edges(sound):
        owner = int(path[1])
        if target is not None and target > owner and not {owner, target} <= cyclic:
            found = f"{described(name)}, which is params[{target}]"
            fix = f"Move params[{target}] above params[{owner}]."
            yield _warning(path, found, "the name of a param above this one", fix)


def credentials_are_masked(sound: Sound) -> Iterator[Fault]:
    """A credential that is typed in clear is read by whoever looks on. An unknown type may well mask it."""
    for index, param in sound.params:
        kind = param.get("type", "")
        path: Path = ("params", index, "type")
        masked = kind in CREDENTIAL_TYPES or not _is_visible(param) or path in sound.faulty or kind not in sound.types
        if not masked and is_credential_view(param):
            found = f"{described(kind) if 'type' in param else 'no type'}, and a name that says it is a credential"
            yield _warning(path, found, "a type that is masked", 'Write "type": "password".')


def oauth_urls_are_used(sound: Sound) -> Iterator[Fault]:
    """The platform reads the URLs of params of type `oauth` only."""
    for index, param in sound.params:
        urls = [key for key in _OAUTH_URLS if key in param]
        path: Path = ("params", index, "type")
        if urls and param.get("type") != "oauth" and path not in sound.faulty and param.get("type", "") in sound.types:
            found = f"{described(param['type']) if 'type' in param else 'no type'}, with {urls[0]}"
            yield _warning(path, found, "type 'oauth' where there are OAuth URLs", 'Write "type": "oauth".')


Rule = Callable[[Sound], Iterator[Fault]]

ADVICE: Final[tuple[Rule, ...]] = (
    keys_are_known,
    types_are_known,
    recommended_keys_are_there,
    params_are_list,
    created_at_has_been,
    visible_params_have_titles,
    choices_are_offered,
    defaults_fit,
    dependencies_come_first,
    credentials_are_masked,
    oauth_urls_are_used,
)


def _unknown_keys(path: Path, item: dict[str, Any], known: tuple[str, ...]) -> Iterator[Fault]:
    for key in item:
        if key in known or key == KEYS or key.startswith(("x-", "__")):
            continue
        near = nearest(key, known)
        fix = "Remove it, or let it begin with x- if it is your own." if near is None else f"Did you mean {near!r}?"
        yield Fault(
            level="warning",
            path=(*path, key),
            found="a key that is not known",
            expected="a known key" + (f": {', '.join(known)}" if near is None else ""),
            fix=fix,
            kind="unknown",
            means=None if near is None else (*path, near),
            never_error=True,
        )


def _misfit(default: Any, param: dict[str, Any]) -> str | None:
    """What the default should be; None: it fits. Without a type, or with one that is not known, anything does."""
    kind, values = param.get("type", ""), param.get("values")
    chosen = default if isinstance(default, list) else [default]
    if kind == "number" and (isinstance(default, bool) or not isinstance(default, int | float)):
        return "a number, without quotes"
    if kind in ("string", "text", "password") and not isinstance(default, str):
        return "text"
    if kind in ("list", "dynamic-list") and not isinstance(default, list):
        return "a list of what is chosen"
    if (
        isinstance(values, list)
        and values
        and None not in values
        and not all(_is_offered(one, values) for one in chosen)
    ):
        return "one of the values"
    return None


def _is_offered(one: Any, values: list[Any]) -> bool:
    """Whether it is a choice: the text itself, the value of an entry, or an entry of that value."""
    offered = [entry["value"] if isinstance(entry, dict) and "value" in entry else entry for entry in values]
    value = one["value"] if isinstance(one, dict) and "value" in one else one
    # 1 == True in Python, but not on a form.
    return any(value == other and isinstance(value, bool) == isinstance(other, bool) for other in offered)


def _is_visible(param: dict[str, Any]) -> bool:
    return not param.get("hidden") and param.get("type") != "hidden"


def _warning(path: Path, found: str, expected: str, fix: str, *, missing: bool = False) -> Fault:
    kind: Any = "missing" if missing else "value"
    return Fault(level="warning", path=path, found=found, expected=expected, fix=fix, kind=kind)
