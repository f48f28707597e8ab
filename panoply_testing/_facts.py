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
from panoply import errors
from panoply.encoding import encode_record
from panoply.records import rows
from panoply_testing.observation import Batch, Progress, RecordProblem

if TYPE_CHECKING:
    from types import ModuleType

__all__ = [
    "EXAMPLES",
    "batch_facts",
    "described",
    "differences",
    "home_of",
    "is_source",
    "marked",
    "message_of",
    "named",
    "order_of",
    "progress_facts",
    "shortened",
]

# How many examples of the same thing a message can use.
EXAMPLES: Final = 5

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


def batch_facts(value: Any) -> Batch:
    """Look a batch over without keeping it, and without consuming what is no list."""
    name = type(value).__name__
    if value is None:
        return Batch(type_name=name, is_none=True)
    if not isinstance(value, list | tuple):
        return Batch(type_name=name)
    odd = [(index, type(item).__name__) for index, item in enumerate(value) if not isinstance(item, dict)]
    problems: list[RecordProblem] = []
    count = records = 0
    for index, item in enumerate(value):
        if not isinstance(item, dict):
            continue
        for number, (_, row) in enumerate(rows(item)):
            records += 1
            problem = _json_problem(index, number, item, row)
            if problem is not None:
                count += 1
                if len(problems) < EXAMPLES:
                    problems.append(problem)
    return Batch(
        type_name=name,
        is_list=isinstance(value, list),
        length=len(value),
        odd_items=tuple(odd[:EXAMPLES]),
        odd_count=len(odd),
        problems=tuple(problems),
        problem_count=count,
        records=records,
    )


def _json_problem(index: int, number: int, item: Mapping[str, Any], row: Any) -> RecordProblem | None:
    prefix = "" if row is item else f" row {number} of its data:"
    try:
        encode_record("table", row)
    except errors.RecordError as exc:
        # A source has no SDK to pass an encoder to.
        reason = exc.reason.removesuffix(" (or pass encoder= to SDK)")
        return RecordProblem(index=index, place=f"{prefix} {exc.place}".strip(), reason=reason)
    place = _non_text_key(row)
    if place is None:
        return None
    reason = (
        "this key is no text. The SDK would turn it into text; JSON, and a table, know no other keys: write str(key)."
    )
    return RecordProblem(index=index, place=f"{prefix} {place}".strip(), reason=reason)


def _non_text_key(record: Any) -> str | None:
    """The place of a key that is no text, anywhere in a record that is known to be finite."""
    todo: list[tuple[str, Any]] = [("record", record)]
    while todo:
        place, value = todo.pop()
        if isinstance(value, Mapping):
            for key, inner in value.items():
                if not isinstance(key, str):
                    return f"{place}[{key!r}]"
                if isinstance(inner, Mapping | list | tuple):
                    todo.append((f"{place}[{key!r}]", inner))
        else:
            todo.extend(
                (f"{place}[{index}]", inner)
                for index, inner in enumerate(value)
                if isinstance(inner, Mapping | list | tuple)
            )
    return None


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


def marked(config: Any) -> tuple[str, ...]:
    """The names of the params that CONFIG marks as credentials, however broken the rest of it is."""
    params = config.get("params") if isinstance(config, Mapping) else None
    if not isinstance(params, list | tuple):
        return ()
    return tuple(
        param["name"]
        for param in params
        if isinstance(param, Mapping)
        and isinstance(param.get("name"), str)
        and param.get("type") in ("password", "oauth", "hidden")
    )


def home_of(module: ModuleType) -> Path | None:
    """The folder of a package's code, or the file of a module's."""
    origin = getattr(module, "__file__", None)
    if origin is None:
        return None
    path = Path(origin)
    return path.parent if path.name == "__init__.py" else path
