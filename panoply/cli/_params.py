"""Where the values of a source's params come from, and how text becomes a value that the source understands.

A value is looked for as a flag, as `--param`, in the environment, in the params file and in CONFIG's default, in this order.
No message here holds a value: it may be a credential, typed into the wrong place.
"""

from __future__ import annotations

import copy
import json
import math
import re
import tomllib
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import TYPE_CHECKING, Any

from panoply._param_shapes import (
    PLATFORM_KEYS,
    TEXT_TYPES,
    dashed,
    default_of,
    env_names,
    is_bool,
    is_filled,
    is_several,
)
from panoply._spelling import did_you_mean
from panoply.errors import ParamsError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from pathlib import Path

    from panoply.config import Param

__all__ = ["Flag", "Given", "choose", "flags", "given", "missing", "read_file"]

_TRUE = frozenset({"true", "yes", "on", "1"})
_FALSE = frozenset({"false", "no", "off", "0"})

_WHOLE = re.compile(r"\s*[+-]?[0-9]+\s*")

# The place in the message of a TOML error. The rest of it may quote the file.
_TOML_PLACE = re.compile(r"\(at (line \d+, column \d+|end of document)\)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """How one param is given.

    Attributes:
        names: the flags, the first of which is shown; none where they mean something else to `panoply run`.
        negative: the flag that turns a switch off, if there is one.
        env: the environment variable.
    """

    param: Param
    names: tuple[str, ...]
    negative: str
    env: str

    @property
    def usage(self) -> str:
        """How to give it, for an error message."""
        value = "" if is_bool(self.param) else " VALUE"
        return f"{self.names[0]}{value}" if self.names else f"--param {self.param.name}=VALUE"


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What the user gave.

    Attributes:
        values: the params, defaults included. Values that are to be chosen from a list that the source offers are still text.
        texts: for those, what was typed.
        warnings: what looks like a mistake.
    """

    values: dict[str, Any]
    texts: dict[str, tuple[str, ...]] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


def flags(params: Sequence[Param], taken: Collection[str]) -> tuple[Flag, ...]:
    """Work out the flags of each param: `--api-token` and `--api_token`, `--client-id` and `--clientId`.

    A param's exact name is always its own; the form with dashes only where no other param comes out the same.

    Args:
        params: of the source.
        taken: flags that mean something else.
    """
    spelled = [(dashed(param.name), param.name) for param in params]
    envs = env_names(param.name for param in params)
    claims = Counter(name for pair in spelled for name in set(pair))
    result = []
    for param, (short, exact) in zip(params, spelled, strict=True):
        names = [name for name in dict.fromkeys((short, exact)) if name == exact or (name and claims[name] == 1)]
        usable = [f"--{name}" for name in names if f"--{name}" not in taken]
        negative = f"--no-{names[0]}"
        result.append(
            Flag(
                param=param,
                names=tuple(usable),
                negative=negative if is_bool(param) and usable and negative[2:] not in claims else "",
                env=envs[exact],
            )
        )
    return tuple(result)


def given(
    flagged: Sequence[Flag],
    *,
    typed: Mapping[str, Sequence[str]],
    pairs: Sequence[str],
    environ: Mapping[str, str],
    file: Mapping[str, Any],
) -> Given:
    """Put the params together.

    Args:
        flagged: the source's params, with their flags.
        typed: what was given by flag, by param name.
        pairs: the NAME=VALUE of `--param`.
        environ: the process's environment.
        file: what is in the params file.

    Raises:
        ParamsError: a value does not fit its param, or something is no NAME=VALUE.
    """
    by_name = {flag.param.name: flag for flag in flagged}
    paired = _pairs(pairs)
    values: dict[str, Any] = {**file}
    texts: dict[str, tuple[str, ...]] = {}
    for name, flag in by_name.items():
        found, where = typed.get(name), flag.names[0] if flag.names else ""
        if not found:
            found, where = paired.get(name), f"--param {name}"
        if not found and flag.env in environ:
            found, where = [environ[flag.env]], flag.env
        if found:
            values[name] = _parsed(flag.param, tuple(found), where)
            if flag.param.is_multiple and _is_plain(found):
                texts[name] = tuple(found)
        elif name not in values and flag.param.default is not None:
            values[name] = default_of(flag.param)
    for name in paired.keys() - by_name.keys():
        values[name] = _json_or_text(paired[name][-1])
    return Given(values=values, texts=texts, warnings=tuple(_unknown(values, by_name)))


def missing(flagged: Iterable[Flag], values: Mapping[str, Any]) -> str | None:
    """Which required params have no value, and how to give each; None if there are none."""
    lacking = [
        flag
        for flag in flagged
        # What the platform adds by itself need not be given here either.
        if flag.param.required and flag.param.name not in PLATFORM_KEYS and not is_filled(values.get(flag.param.name))
    ]
    if not lacking:
        return None
    lines = [f"  {flag.param.name}: {flag.usage}, or the environment variable {flag.env}" for flag in lacking]
    what = "A required param has" if len(lacking) == 1 else f"{len(lacking)} required params have"
    return "\n".join([f"{what} no value:", *lines, "All can also be put into a file: --params FILE.json"])


def choose(param: Param, texts: Iterable[str], offered: Iterable[Any]) -> list[Any]:
    """The values that `texts` stand for among those that the source offers, in the shape in which it offers them.

    Raises:
        ParamsError: one is not offered.
    """
    entries = list(offered)
    chosen = []
    for text in texts:
        for key in ("value", "name"):
            found = [entry for entry in entries if _offers(entry, key, text)]
            if found:
                chosen.append(copy.deepcopy(found[0]))
                break
        else:
            names = [str(entry.get("value", "")) if isinstance(entry, dict) else str(entry) for entry in entries]
            shown = ", ".join(names[:20]) + (f" and {len(names) - 20} more" if len(names) > 20 else "")
            hint = did_you_mean(text, names)
            raise ParamsError(
                f"The param {param.name!r} does not offer the value given. {hint + ' ' if hint else ''}"
                f"It offers: {shown or 'nothing'}. (A value that begins with [ or {{ is passed on as JSON.)"
            )
    return chosen


def read_file(path: Path) -> dict[str, Any]:
    """Read params from a JSON or TOML file.

    Raises:
        ParamsError: it cannot be read, or holds something else.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as exc:
        raise ParamsError(f"Cannot read the params file {path}: {exc.strerror}.") from None
    except UnicodeDecodeError:
        raise ParamsError(f"The params file {path} is not text in UTF-8.") from None
    if path.suffix == ".toml":
        try:
            return {key: _without_dates(value) for key, value in tomllib.loads(text).items()}
        except tomllib.TOMLDecodeError as exc:
            place = _TOML_PLACE.search(str(exc))
            where = f", {place[1]}" if place else ""
            raise ParamsError(f"The params file {path}{where}: this is not TOML.") from None
    try:
        value = json.loads(text)
    except json.JSONDecodeError as exc:
        # Its words up to the colon never quote the file: "Expecting value", "Unterminated string starting at".
        reason = exc.msg.partition(":")[0]
        hint = " A TOML file's name ends in .toml." if path.suffix != ".json" else ""
        raise ParamsError(
            f"The params file {path}, line {exc.lineno}, column {exc.colno}: this is not JSON ({reason}).{hint}"
        ) from None
    except RecursionError:
        raise ParamsError(f"The params file {path} is nested too deeply.") from None
    if not isinstance(value, dict):
        raise ParamsError(
            f"The params file {path} holds a JSON {_json_type(value)}; expected an object: "
            '{"name of a param": value, ...}.'
        )
    return value


def _pairs(pairs: Sequence[str]) -> dict[str, list[str]]:
    result: dict[str, list[str]] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name.strip():
            raise ParamsError("--param expects NAME=VALUE; in one of them there is no NAME, or no `=`.")
        result.setdefault(name.strip(), []).append(value)
    return result


def _parsed(param: Param, texts: tuple[str, ...], where: str) -> Any:
    last = texts[-1]
    if is_several(param):
        return [value for text in texts for value in _as_list(_json_or_text(text, where))]
    if is_bool(param):
        return _bool(last, where)
    if param.type == "number":
        return _number(last, where)
    if param.type in TEXT_TYPES:
        return last
    return _json_or_text(last, where if param.is_list_like else "")


def _is_plain(texts: Iterable[str]) -> bool:
    return not any(text.lstrip().startswith(("[", "{")) for text in texts)


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _json_or_text(text: str, where: str = "") -> Any:
    """JSON where it begins like an object or a list; `where` is given if it then has to be JSON."""
    if _is_plain([text]):
        return text
    try:
        return json.loads(text)
    except json.JSONDecodeError as exc:
        if where:
            reason = exc.msg.partition(":")[0]
            raise ParamsError(f"{where} begins like JSON, but is not: {reason}, at character {exc.pos + 1}.") from None
        return text


def _bool(text: str, where: str) -> bool:
    word = text.strip().lower()
    if word in _TRUE:
        return True
    if word in _FALSE:
        return False
    raise ParamsError(f"{where} expects true or false.")


def _number(text: str, where: str) -> int | float:
    try:
        if _WHOLE.fullmatch(text):
            return int(text)
        number = float(text)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise ParamsError(f"{where} expects a number, such as 5432 or 0.5.")
    return number


def _offers(entry: Any, key: str, text: str) -> bool:
    if isinstance(entry, dict):
        return key in entry and str(entry[key]) == text
    return str(entry) == text


def _unknown(values: Iterable[str], known: Collection[str]) -> Iterable[str]:
    for name in values:
        if name not in known and name not in PLATFORM_KEYS and not name.startswith("__"):
            hint = did_you_mean(name, known)
            yield f"CONFIG has no param {name!r}; it is passed on as it is.{' ' + hint if hint else ''}"


def _without_dates(value: Any) -> Any:
    """Dates as text: a form, and JSON, have nothing else."""
    if isinstance(value, (datetime, date, time)):
        return value.isoformat()
    if isinstance(value, dict):
        return {key: _without_dates(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_without_dates(inner) for inner in value]
    return value


def _json_type(value: object) -> str:
    names = {list: "array", str: "string", bool: "boolean", int: "number", float: "number"}
    return names.get(type(value), "null")
