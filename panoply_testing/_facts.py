"""What is recorded of the values that a source hands over: small facts, found without trusting the values.

Looking at a value may run the source's code (`__str__`, `__eq__`, a property that raises), and must neither change nor
consume it.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import panoply
from panoply_testing.observation import Progress
from panoply_testing.secrets import Marks

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

__all__ = [
    "EXAMPLES",
    "described",
    "differences",
    "home_of",
    "is_source",
    "marks_of",
    "message_of",
    "named",
    "order_of",
    "progress_facts",
    "shortened",
    "shown_record",
]

# How many examples of the same thing a message can use.
EXAMPLES: Final = 5

# What of a record a message can use.
SHOWN_COLUMNS: Final = 5
SHOWN_TEXT: Final = 20

# What of an exception's message a report can use. Some hold a whole web page.
LONGEST_MESSAGE: Final = 2000


def named(holder: object, name: str, default: Any = None) -> Any:
    """An attribute, or `default` where asking for it raises whatever."""
    try:
        return getattr(holder, name, default)
    except Exception:  # noqa: BLE001 - the source's own __getattr__
        return default


def is_source(value: object) -> bool:
    """Whether it is a class that extends `panoply.DataSource`."""
    return inspect.isclass(value) and issubclass(value, panoply.DataSource) and value is not panoply.DataSource


def described(stream: object) -> str:
    """What a module's `Stream` is, in words."""
    if stream is None:
        return "None"
    return f"class {stream.__name__}" if inspect.isclass(stream) else f"an object of type {type(stream).__name__}"


def message_of(exc: BaseException) -> str:
    """The exception's message, also where the source's own `__str__` fails."""
    try:
        # Not a subclass of str: what is told has to be read in a process without the source's module.
        return str.__str__(str(exc))
    except Exception as problem:  # noqa: BLE001 - the source's own __str__
        return f"(its str() raises {type(problem).__name__})"


def shortened(text: str) -> str:
    """The beginning of a text that is longer than a report can use. To be masked before, not after."""
    return text if len(text) <= LONGEST_MESSAGE else f"{text[:LONGEST_MESSAGE]}..."


def progress_facts(data: Any, number: int) -> Progress:
    """Note what one call of `progress()` said: its numbers, and the types of what are none."""
    loaded, total, msg = (
        (data.get(key) for key in ("loaded", "total", "msg")) if isinstance(data, Mapping) else (data,) * 3
    )
    return Progress(
        number=number,
        loaded=_number(loaded),
        total=_number(total),
        loaded_type=type(loaded).__name__,
        total_type=type(total).__name__,
        msg_type="str" if isinstance(msg, str) else type(msg).__name__,
        has_msg=isinstance(msg, str) and bool(msg.strip()),
    )


def _number(value: Any) -> int | float | str | None:
    if value is None or isinstance(value, bool):
        return value
    for kind in (int, float):
        if isinstance(value, kind):  # an IntEnum is an integer, too
            return kind(value)
    return f"<{type(value).__name__}>"


def order_of(call: Progress) -> tuple[bool, ...]:
    """What distinguishes calls with numbers of the same types: the sides of the limits that they are on."""
    loaded, total = call.loaded, call.total
    if not isinstance(loaded, int | float) or not isinstance(total, int | float):
        return ()
    return (loaded < 0, total < 0, loaded > total)


def differences(stream: Any, source: Mapping[str, Any], options: Mapping[str, Any]) -> tuple[str, ...]:
    """How `.source` and `.options` differ from what the constructor got.

    More keys are fine (defaults). A copy, and what the source took out of what it got, are another rule's business.
    """
    found = []
    for name, given in (("source", source), ("options", options)):
        if not hasattr(stream, name):
            found.append(f"it has no .{name}")
            continue
        value = getattr(stream, name)
        if not isinstance(value, Mapping):
            found.append(f".{name} is {'None' if value is None else f'of type {type(value).__name__}'}, not the dict")
            continue
        missing = [str(key) for key in given if key not in value and key != "state"]
        if missing:
            found.append(f".{name} lacks the key {missing[0]!r} of the {name} that was passed")
    return tuple(found)


def marks_of(config: Any) -> Marks:
    """What CONFIG says of the params, however broken the rest of it is."""
    params = config.get("params") if isinstance(config, Mapping) else None
    known = {
        param["name"]: param
        for param in (params if isinstance(params, list | tuple) else ())
        if isinstance(param, Mapping) and isinstance(param.get("name"), str)
    }
    masked = {name for name, param in known.items() if param.get("type") in ("password", "oauth")}
    hidden = {name for name, param in known.items() if param.get("type") == "hidden" or param.get("hidden") is True}
    listed = {name: param["values"] for name, param in known.items() if isinstance(param.get("values"), list | tuple)}
    defaults = {name: param.get("default") for name, param in known.items()}
    return Marks(
        masked=frozenset(masked),
        hidden=frozenset(hidden - masked),
        chosen={name: frozenset(map(str, map(_chosen, values))) for name, values in listed.items()},
        defaults={name: str(value) for name, value in defaults.items() if isinstance(value, str | int | float)},
    )


def _chosen(entry: Any) -> Any:
    value = entry.get("value") if isinstance(entry, Mapping) else entry
    return value if isinstance(value, str | int | float) else ""


def home_of(module: ModuleType) -> Path | None:
    """The folder of a package's code, or the file of a module's."""
    origin = getattr(module, "__file__", None)
    if origin is None:
        return None
    path = Path(origin)
    return path.parent if path.name == "__init__.py" else path


def shown_record(row: Mapping[str, Any], mask: Callable[[str], str]) -> str:
    """A record as a message may show it: the first columns, numbers as they are, text shortened, the rest by type."""
    shown = [
        f"{mask(str(key))[:SHOWN_TEXT]}: {_shown_value(value, mask)}"
        for key, value in list(row.items())[:SHOWN_COLUMNS]
    ]
    more = len(row) - len(shown)
    return "{" + ", ".join(shown) + (f", and {more} more" if more > 0 else "") + "}"


def _shown_value(value: Any, mask: Callable[[str], str]) -> str:
    if value is None or isinstance(value, bool | int | float):
        # A number may be a credential, too.
        return mask(repr(value))[:SHOWN_TEXT]
    if not isinstance(value, str):
        return f"<{type(value).__name__}>"
    text = mask(value)
    return repr(text) if len(text) <= SHOWN_TEXT else f"{text[:SHOWN_TEXT]!r}..."
