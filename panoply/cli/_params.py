"""Where the values of a source's params come from, and how text becomes a value that the source understands.

A value is looked for as a flag, as `--param`, in the file of a flag such as `--api-token-file`, in the environment, in the
file that the environment names, in the params file and in CONFIG's default, in this order.
No message here holds a value: it may be a credential, typed into the wrong place.
"""

from __future__ import annotations

import json
import math
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from panoply._param_shapes import PLATFORM_KEYS, TEXT_TYPES, default_of, is_bool, is_filled, is_required, is_several
from panoply._spelling import did_you_mean
from panoply.cli._files import read_secret
from panoply.config import names_a_credential
from panoply.errors import ParamsError
from panoply.masking import credentials
from panoply.params import check_params

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

    from panoply.cli._flags import Flag
    from panoply.config import Config, Param

__all__ = ["Given", "Typed", "given", "lacking", "misfits", "missing", "parsed"]

_TRUE = frozenset({"true", "yes", "on", "1"})
_FALSE = frozenset({"false", "no", "off", "0"})

_WHOLE = re.compile(r"\s*[+-]?[0-9]+\s*")


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """What stands on the command line.

    Attributes:
        flags: the texts of each flag, by the name of its param.
        files: likewise what was given by a flag such as `--api-token-file`.
        pairs: the NAME=VALUE of `--param`.
    """

    flags: Mapping[str, Sequence[str]] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    pairs: Sequence[str] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What the user gave.

    Attributes:
        values: the params, defaults included. Values that are to be chosen from what the source offers are still text.
        texts: for those, what was typed.
        warnings: what looks like a mistake, and credentials on the command line.
    """

    values: dict[str, Any]
    texts: dict[str, tuple[str, ...]] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


class _Found(NamedTuple):
    texts: tuple[str, ...]
    where: str
    exposed: bool = False


def given(flagged: Sequence[Flag], *, typed: Typed, environ: Mapping[str, str], file: Mapping[str, Any]) -> Given:
    """Put the params together.

    Args:
        flagged: the source's params, with their flags.
        typed: what stands on the command line.
        environ: the process's environment.
        file: what is in the params file.

    Raises:
        ParamsError: a value does not fit its param, a credential's file cannot be read, or something is no NAME=VALUE.
    """
    by_name = {flag.param.name: flag for flag in flagged}
    paired = _pairs(typed.pairs)
    values: dict[str, Any] = {**file}
    texts: dict[str, tuple[str, ...]] = {}
    warnings = []
    for name, flag in by_name.items():
        found = _find(flag, typed, paired, environ)
        if found is not None:
            values[name] = parsed(flag.param, found.texts, found.where)
            if flag.param.type == "select" or (flag.param.is_multiple and _is_plain(found.texts)):
                texts[name] = found.texts
            if found.exposed and _holds_a_credential(flag.param, values[name]):
                warnings.append(_exposed(found.where, flag))
        elif name not in values and flag.param.default is not None:
            values[name] = default_of(flag.param)
    for name in paired.keys() - by_name.keys():
        values[name] = _json_or_text(paired[name][-1])
        if credentials({name: values[name]}, names_a_credential):
            warnings.append(_exposed(f"--param {name}", None))
    return Given(values=values, texts=texts, warnings=(*warnings, *_unknown(values, by_name)))


def misfits(config: Config, values: Mapping[str, Any], file: Mapping[str, Any]) -> Iterator[str]:
    """What in the params file does not fit its param, and is passed on all the same: the source may know better."""
    used = {
        param.name: file[param.name] for param in config.params if values.get(param.name) is file.get(param.name, ...)
    }
    for finding in check_params(config, used):
        if finding.path.partition("[")[0] in used and is_filled(used[finding.path.partition("[")[0]]):
            yield f"In the params file, {finding} It is passed on as it is."


def lacking(flagged: Iterable[Flag], values: Mapping[str, Any]) -> tuple[Flag, ...]:
    """The required params that have no value."""
    return tuple(flag for flag in flagged if is_required(flag.param) and not is_filled(values.get(flag.param.name)))


def missing(flagged: Sequence[Flag], why: str = "required") -> str:
    """How to give each of these params, which have no value."""
    lines = [f"  {flag.param.name}: {flag.ways}" for flag in flagged]
    one = f"A {why} param has" if why == "required" else f"A param that is {why} has"
    several = f"{len(flagged)} {why} params have" if why == "required" else f"{len(flagged)} params that are {why} have"
    what = one if len(flagged) == 1 else several
    return "\n".join([f"{what} no value:", *lines, "All can also be put into a file: --params FILE.json"])


def _find(flag: Flag, typed: Typed, paired: Mapping[str, list[str]], environ: Mapping[str, str]) -> _Found | None:
    """What was given for one param outside of the params file, and by what."""
    name = flag.param.name
    if typed.flags.get(name):
        return _Found(tuple(typed.flags[name]), flag.names[0], exposed=True)
    if name in paired:
        return _Found(tuple(paired[name]), f"--param {name}", exposed=True)
    if name in typed.files:
        return _Found((read_secret(typed.files[name], flag.file),), flag.file)
    # A variable that is set to nothing is how some tools leave a credential out.
    if flag.env in environ and (environ[flag.env] or not flag.param.is_credential):
        return _Found((environ[flag.env],), flag.env)
    if flag.file_env and environ.get(flag.file_env):
        return _Found((read_secret(environ[flag.file_env], flag.file_env),), flag.file_env)
    return None


def _holds_a_credential(param: Param, value: Any) -> bool:
    """Whether it is one, or has one within, such as a URL with a password."""
    return bool(credentials({param.name: value}, lambda name: param.is_credential or names_a_credential(name)))


def _exposed(where: str, flag: Flag | None) -> str:
    if flag is None:
        better = "in a file: --params FILE.json"
    else:
        also = f", by {flag.file} FILE" if flag.file else ""
        asked = ", or leave it out and be asked for it" if flag.param.required else ""
        better = f"by the environment variable {flag.env}{also}{asked}"
    return (
        f"{where} puts a credential on the command line, where everybody on this machine can read it, "
        f"and into the shell's history. Give it {better}."
    )


def _pairs(pairs: Sequence[str]) -> dict[str, list[str]]:
    result: dict[str, list[str]] = {}
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not name.strip():
            raise ParamsError("--param expects NAME=VALUE; in one of them there is no NAME, or no `=`.")
        result.setdefault(name.strip(), []).append(value)
    return result


def parsed(param: Param, texts: Sequence[str], where: str) -> Any:
    """The value that a param gets from text.

    Raises:
        ParamsError: it does not fit; the message names `where` it stands.
    """
    last = texts[-1]
    if is_several(param):
        return [value for text in texts for value in _as_list(_json_or_text(text, where))]
    if is_bool(param):
        return _bool(last, where)
    if param.type == "number":
        number = _number(last, where)
        # A source whose default is text takes text.
        return last.strip() if isinstance(param.default, str) and param.default.strip() else number
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


def _unknown(values: Iterable[str], known: Collection[str]) -> Iterator[str]:
    for name in values:
        if name not in known and name not in PLATFORM_KEYS and not name.startswith("__"):
            hint = did_you_mean(name, known)
            yield f"CONFIG has no param {name!r}; it is passed on as it is.{' ' + hint if hint else ''}"
