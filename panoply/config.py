"""A data source's CONFIG: checked, and read into values that say what they mean.

CONFIG is a dict that people write by hand, and a platform draws a form from. `check_config` tells everything that is
wrong with one, whatever it is; `Config.parse` turns a valid one into frozen values. The rules themselves are in the
modules `_config_*`; how a param's value is got from a user is not here.

    for finding in check_config(mymod.CONFIG):
        print(finding.level, finding)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta, timezone
from itertools import chain, islice
from typing import Any, Final, Literal, Self, get_args

from panoply._config_advice import ADVICE, LIST_TYPES
from panoply._config_fault import Fault, position, shown
from panoply._config_json import MOST_VALUES, JSONView, binds, json_view
from panoply._config_picture import picture_faults
from panoply._config_rules import RULES
from panoply._config_schema import MOST_FAULTS, config_schema, known_keys, known_types, schema_faults
from panoply._config_sound import sound_part
from panoply._credential_names import names_a_credential
from panoply._credential_params import is_credential_view
from panoply._spelling import did_you_mean
from panoply.errors import ConfigError, ParamsError

__all__ = [
    "Choice",
    "Config",
    "ConfigFinding",
    "Param",
    "Profile",
    "check_config",
    "config_json",
    "config_schema",
    "names_a_credential",
]


# How strictly a CONFIG is checked: while it is being written, or before it is handed in.
Profile = Literal["development", "review"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ConfigFinding:
    """One thing that is wrong with a CONFIG, and what to do about it.

    Attributes:
        level: an `error` makes CONFIG invalid, a `warning` does not.
        path: where, as `params[2].dependencies[0]`; empty for CONFIG itself.
        found: what is there; for a credential's default its type only.
        expected: what should be there.
        fix: the next step.
    """

    level: Literal["error", "warning"]
    path: str
    found: str
    expected: str
    fix: str

    def __str__(self) -> str:
        return f"{self.path or 'CONFIG'}: found {self.found}; expected {self.expected}. {self.fix}"


def check_config(
    config: object, *, profile: Profile = "development", picture: bool | None = None, today: date | None = None
) -> tuple[ConfigFinding, ...]:
    """Find everything that is wrong with a CONFIG: errors first, each level in the order in which CONFIG was written.

    It takes any Python object and raises on none. Nothing in it is called, iterated or printed that is not a plain list
    or dict. One fault is one finding: what only follows from another is not told.

    Args:
        config: the module's CONFIG.
        profile: in a `review`, what is a warning in `development` is an error. Only keys and types that the schema does
            not know stay warnings (the platform gains new ones), and so does `{}` for an empty list of params.
        picture: whether the icon is decoded, which takes time and Pillow (the extra `testing`; without it, a warning says
            that nobody looked). None: in a review.
        today: the last day that `createdAt` may name. None: the day it is now where it is latest on earth.

    Raises:
        MissingExtra: jsonschema, which the extra `cli` brings, is not installed.
        ValueError: there is no such profile.
    """
    if profile not in get_args(Profile):
        raise ValueError(f"there is no profile {profile!r}: it is one of {', '.join(get_args(Profile))}")
    review = profile == "review"
    return _findings(
        json_view(config), today or _latest_day(), review=review, picture=review if picture is None else picture
    )


def config_json(config: object) -> Any:
    """The JSON view of a CONFIG, which the schema describes: functions and other Python values as small objects."""
    return json_view(config).value


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One value that a param offers.

    Attributes:
        name: what the user sees.
        value: what it stands for.
        disabled: whether it is shown but cannot be chosen.
        offered: it as CONFIG has it, text or an entry: what a source gets where several can be chosen.
    """

    name: str
    value: Any
    disabled: bool = False
    offered: Any = field(default=None, repr=False, compare=False)

    @classmethod
    def read(cls, entry: Any) -> Self:
        """Read one of the values that a param offers: text (or a number), or an entry `{"name": ..., "value": ...}`."""
        if not isinstance(entry, Mapping):
            return cls(name=str(entry), value=entry, offered=entry)
        return cls(
            name=str(entry.get("name", entry["value"])),
            value=entry["value"],
            disabled=bool(entry.get("disabled", False)),
            offered=entry,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Param:
    """One field of the form that a source asks its users to fill in.

    Attributes:
        type: the kind of field; empty for a line of text.
        default: what the field begins with; None where there is no default. Not in the repr: it may be a credential.
        values: the choices, or the function that gives them, or None where there is nothing to choose from.
        dependencies: the names of the params that have to be filled in first.
        is_credential: whether the value has to be kept secret: the type or the name says so.
    """

    name: str
    title: str = ""
    type: str = ""
    required: bool = False
    hidden: bool = False
    default: Any = field(default=None, repr=False)
    help: str = ""
    description: str = ""
    placeholder: str = ""
    category: str = ""
    link: str = ""
    ip_whitelist: bool = False
    values: tuple[Choice, ...] | Callable[..., Any] | None = None
    dependencies: tuple[str, ...] = ()
    oauth_authorize_url: str = ""
    oauth_access_url: str = ""
    oauth_refresh_url: str = ""
    is_credential: bool = False

    @property
    def is_list_like(self) -> bool:
        """Whether its value is chosen from `values`."""
        return self.type in LIST_TYPES

    @property
    def is_multiple(self) -> bool:
        """Whether its value is a list: several values can be chosen."""
        return self.type in LIST_TYPES - {"select"}

    def call_values(self, source: dict[str, Any], options: dict[str, Any]) -> Any:
        """Call a `values` that is a function with as many of the two as it takes, and give back what it gives.

        Raises:
            TypeError: `values` is no function.
        """
        if self.values is None or isinstance(self.values, tuple):
            raise TypeError(f"the values of the param {self.name!r} are no function")
        return self.values(source, options) if 2 in binds(self.values) else self.values(source)


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """A valid CONFIG."""

    title: str
    params: tuple[Param, ...] = ()
    icon: str = field(default="", repr=False)
    categories: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    created_at: date | None = None
    host_property: str = ""
    advanced: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def parse(cls, config: object, *, to_run: bool = False) -> Self:
        """Read a module's CONFIG.

        Args:
            config: the module's.
            to_run: leave out what is wrong and only says how the source is shown (its icon, keywords, date and the like).

        Raises:
            ConfigError: it is not valid; the message lists every error.
            MissingExtra: jsonschema, which the extra `cli` brings, is not installed.
        """
        view = json_view(config)
        errors = [finding for finding in _findings(view, date.max) if finding.level == "error"]
        if to_run and errors and isinstance(view.value, dict):
            wrong = {key for key in _SHOWN if any(_is_below(key, error.path) for error in errors)}
            errors = [error for error in errors if not any(_is_below(key, error.path) for key in wrong)]
            view = replace(view, value={key: value for key, value in view.value.items() if key not in wrong})
        if errors:
            lines = "".join(f"\n  {error}" for error in errors)
            raise ConfigError(f"CONFIG has {len(errors)} {'error' if len(errors) == 1 else 'errors'}:{lines}")
        top = view.value
        return cls(
            title=top["title"],
            params=tuple(_param(param, index, view) for index, param in enumerate(top["params"])),
            icon=top.get("icon", ""),
            categories=tuple(top.get("categories", ())),
            keywords=tuple(top.get("keywords", ())),
            created_at=date.fromisoformat(top["createdAt"]) if "createdAt" in top else None,
            host_property=top.get("hostProperty", ""),
            advanced=top.get("advanced", {}),
        )

    def param(self, name: str) -> Param:
        """The param of that name.

        Raises:
            ParamsError: there is none.
        """
        for param in self.params:
            if param.name == name:
                return param
        names = [param.name for param in self.params]
        known = f"It has: {', '.join(names)}." if names else "It has no params."
        question = did_you_mean(name, names)
        raise ParamsError(f"CONFIG has no param {name!r}. {question + ' ' if question else ''}{known}")


def _param(param: dict[str, Any], index: int, view: JSONView) -> Param:
    values = param.get("values")
    function = view.callables.get(("params", index, "values"))
    return Param(
        name=param["name"],
        title=param.get("title", ""),
        type=param.get("type", ""),
        required=param.get("required", False),
        hidden=param.get("hidden", False),
        default=param.get("default"),
        help=param.get("help", ""),
        description=param.get("description", ""),
        placeholder=param.get("placeholder", ""),
        category=param.get("category", ""),
        link=param.get("link", ""),
        ip_whitelist=param.get("ip_whitelist", False),
        values=tuple(map(Choice.read, values)) if isinstance(values, list) else function,
        dependencies=tuple(param.get("dependencies", ())),
        oauth_authorize_url=param.get("oauthAuthorizeURL", ""),
        oauth_access_url=param.get("oauthAccessURL", ""),
        oauth_refresh_url=param.get("oauthRefreshURL", ""),
        is_credential=is_credential_view(param),
    )


# What a run has no use for.
_SHOWN: Final = ("icon", "categories", "keywords", "createdAt", "hostProperty", "advanced")


def _is_below(key: str, path: str) -> bool:
    """Whether a finding's path is that key of CONFIG, or inside of it."""
    return path == key or path.startswith((f"{key}.", f"{key}["))


def _findings(view: JSONView, today: date, *, review: bool = False, picture: bool = False) -> tuple[ConfigFinding, ...]:
    faults = _faults(view, today, picture=picture)
    if review:
        faults = [fault if fault.never_error else replace(fault, level="error") for fault in faults]
    faults = _without_echoes(faults)
    ordered = sorted(faults, key=lambda fault: (fault.level, position(fault.path, view.value)))
    return tuple(
        ConfigFinding(level=f.level, path=shown(f.path), found=f.found, expected=f.expected, fix=f.fix) for f in ordered
    )


def _faults(view: JSONView, today: date, *, picture: bool) -> list[Fault]:
    """Everything that is wrong, from the outside in: what cannot be read is not judged further."""
    if view.overflow is not None:
        most = f"{MOST_VALUES:,} values"
        return [
            Fault(
                level="error",
                path=view.overflow,
                found=f"more than {most} in CONFIG up to here",
                expected=f"at most {most}",
                fix='Give the choices by a function: "values": get_choices.',
            )
        ]
    schema = config_schema()
    errors = schema_faults(view.value, schema)
    if any(not fault.path and fault.kind == "value" for fault in errors):
        return errors
    sound = sound_part(view.value, errors, keys=known_keys(schema), types=known_types(schema), today=today)
    further = chain.from_iterable(rule(sound) for rule in (*RULES, *ADVICE))
    seen = picture_faults(sound.config) if picture else ()
    return [*errors, *seen, *islice(further, MOST_FAULTS)]


def _without_echoes(faults: list[Fault]) -> list[Fault]:
    """Tell a misspelled key once: not as one that is unknown, and another that is missing."""
    misspelled = {fault.means: fault for fault in faults if fault.means is not None}
    missed = {fault.path: fault for fault in faults if fault.kind == "missing" and fault.path in misspelled}
    result = []
    for fault in faults:
        if fault.means in missed and missed[fault.means].level == "error":
            continue
        if fault.path in missed and fault.kind == "missing":
            if fault.level == "warning":
                continue
            wrong, right = misspelled[fault.path].path[-1], fault.path[-1]
            fault = replace(fault, fix=f"Rename the key {wrong!r}: did you mean {right!r}?")  # noqa: PLW2901
        result.append(fault)
    return result


def _latest_day() -> date:
    # A developer in Auckland may write a date that is tomorrow elsewhere.
    return datetime.now(timezone(timedelta(hours=14))).date()
