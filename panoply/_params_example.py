"""A params file to fill in: TOML, since that has comments.

What has to be filled in is empty, so that `panoply run` says so until it is; what may be is commented out. A credential
is never in it: a comment says in which environment variable it is looked for.
"""

from __future__ import annotations

import json
import math
import re
import textwrap
from typing import TYPE_CHECKING, Any, Final

from panoply._param_shapes import env_names, is_bool, is_several, shown_default
from panoply._params_schema import is_lacking

if TYPE_CHECKING:
    from collections.abc import Iterator

    from panoply.config import Choice, Config, Param

__all__ = ["params_example"]

_WIDTH: Final = 100

# So many choices are named.
_SHOWN: Final = 10

_BARE_KEY: Final = re.compile(r"[A-Za-z0-9_-]+")

# What TOML admits in no comment, nor as it is in a text.
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")

_ESCAPES: Final = {
    **{chr(code): f"\\u{code:04x}" for code in (*range(0x20), 0x7F)},
    "\b": "\\b",
    "\t": "\\t",
    "\n": "\\n",
    "\f": "\\f",
    "\r": "\\r",
    '"': '\\"',
    "\\": "\\\\",
}


def params_example(config: Config, *, module: str = "MODULE") -> str:
    """The text of a TOML file that `panoply run MODULE --params FILE.toml` takes once it is filled in.

    Args:
        config: the source's.
        module: what it is called on the command line.
    """
    lines = [
        *_comment(f"Params of {config.title}. Fill in what is empty, then: panoply run {module} --params FILE.toml"),
        *_comment("A line that begins with # is left out: its default counts."),
    ]
    envs = env_names(param.name for param in config.params)
    for param in config.params:
        lines += ["", *_of_param(param, envs[param.name])]
    return "\n".join(lines) + "\n"


def _of_param(param: Param, env: str) -> Iterator[str]:
    lacking = is_lacking(param, None)
    marks = [*(["required"] if param.required else []), *(["not in the form"] if _is_hidden(param) else [])]
    title = param.title or param.name
    yield from _comment(f"{title} ({', '.join(marks)})" if marks else title)
    for text in dict.fromkeys((param.description, param.help)):
        if text:
            yield from _comment(text)
    if param.link:
        yield from _comment(param.link)
    if param.dependencies:
        yield from _comment(f"Depends on: {', '.join(param.dependencies)}.")
    if isinstance(param.values, tuple) and param.values:
        yield from _comment(_choices(param.values))
    elif param.values is not None:
        yield from _comment("The source offers what can be chosen, once it can be asked.")
    elif param.placeholder:
        yield from _comment(f"For example: {param.placeholder}")
    if param.is_credential:
        yield from _comment(f"Better than here: in the environment variable {env}. Leave it empty for that.")
    line = f"{_key(param.name)} = {_empty(param) if lacking else _sample(param)}"
    yield line if lacking else f"# {line}"


def _is_hidden(param: Param) -> bool:
    return param.hidden or param.type == "hidden"


def _choices(values: tuple[Choice, ...]) -> str:
    names = [
        str(choice.value) if choice.name == str(choice.value) else f"{choice.value} ({choice.name})"
        for choice in values
        if not choice.disabled
    ]
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return f"One of: {', '.join(names[:_SHOWN])}{more}."


def _empty(param: Param) -> str:
    """What stands for nothing, and is told as such by `panoply run`."""
    if is_several(param):
        return "[]"
    return "false" if is_bool(param) else '""'


def _sample(param: Param) -> str:
    """The default, or what could stand there."""
    default = shown_default(param)
    text = None if default is None else _value(default)
    if text is not None:
        return text
    first = next((c for c in param.values if not c.disabled), None) if isinstance(param.values, tuple) else None
    if first is not None:
        sample = _value([first.offered] if is_several(param) else first.value)
        if sample is not None:
            return sample
    return "0" if param.type == "number" else _empty(param)


def _comment(text: str) -> Iterator[str]:
    """The lines of a comment; one that is no longer than usual stays as it is."""
    for line in text.splitlines():
        plain = _CONTROL.sub(" ", _sound(line)).rstrip()
        if plain:
            wrapped = textwrap.wrap(plain, _WIDTH - 2, break_long_words=False, break_on_hyphens=False)
            yield from (f"# {part}" for part in wrapped)


def _key(name: str) -> str:
    return name if _BARE_KEY.fullmatch(name) else _text(name)


def _value(value: Any) -> str | None:
    """A value in TOML; None: it has none, or holds something that has none."""
    if isinstance(value, dict):
        pairs = [(_key(key), _value(inner)) for key, inner in value.items()]
        inside = ", ".join(f"{key} = {text}" for key, text in pairs)
        return None if any(text is None for _, text in pairs) else f"{{ {inside} }}" if inside else "{}"
    if isinstance(value, list):
        items = [_value(item) for item in value]
        return None if None in items else f"[{', '.join(map(str, items))}]"
    if isinstance(value, str):
        return _text(value)
    # Only null, and numbers that are none, are no TOML; JSON writes the others in the same way.
    is_real = value is not None and math.isfinite(value)
    return json.dumps(value) if is_real else None


def _text(text: str) -> str:
    return '"' + "".join(_ESCAPES.get(char, char) for char in _sound(text)) + '"'


def _sound(text: str) -> str:
    """Without halves of surrogate pairs, which no file can hold."""
    return text.encode("utf-8", "replace").decode("utf-8")
