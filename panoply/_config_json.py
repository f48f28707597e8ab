"""The JSON view of a CONFIG: what a JSON Schema, which cannot see Python, is shown in its place.

Text, numbers, booleans, None, lists and dicts become plain copies of themselves. What JSON does not know becomes a small
object that the schema rejects:

    a function                      {"$callable": {"signature": "(source, options)", "binds": [2]}}
    a tuple, a set, a cycle, ...    {"$python-type": "tuple"}
    a key that is no text           one more entry in its dict: "$python-keys": ["int"]

CONFIG may hold anything at all, so none of its objects' own methods run here: lists and dicts are read by the methods of
`list` and `dict`, whatever a subclass overrides, and nothing else is iterated, compared or printed. (Only
`inspect.signature` asks a function about itself; what that raises is caught.) Cycles, depth and size are bounded.
"""

from __future__ import annotations

import inspect
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from panoply._config_fault import Path

__all__ = ["CALLABLE", "KEYS", "MOST_VALUES", "TYPE", "JSONView", "binds", "is_marker", "json_view", "type_name"]

CALLABLE: Final = "$callable"
TYPE: Final = "$python-type"
KEYS: Final = "$python-keys"

# The largest published CONFIG has about 300 values. The bound exists for lists that hold themselves many times over
# (a hundred nested pairs are 2**100 values); below it a check ends within seconds.
MOST_VALUES: Final = 100_000

# A choice's value lies five levels deep. jsonschema spends up to ten Python frames on a level, of the 1,000 there are.
_DEEPEST = 24

# Python refuses to print integers of more than 640 digits where it is set up strictly; this is 616 digits.
_MOST_BITS = 2048

_NAME_OF_TYPE = vars(type)["__name__"]


@dataclass(frozen=True, slots=True, kw_only=True)
class JSONView:
    """A CONFIG as a JSON value.

    Attributes:
        value: made of exact `dict`, `list`, `str`, `int`, `float`, `bool` and None.
        callables: the functions behind the `$callable` objects, by path.
        overflow: where the reading was given up because there are more than `MOST_VALUES` values; None: it is whole.
    """

    value: Any
    callables: dict[Path, Callable[..., Any]]
    overflow: Path | None


def json_view(config: object) -> JSONView:
    """Read any Python object, without running any of its code."""
    reading = _Reading()
    value = reading.read(config, ())
    return JSONView(value=value, callables=reading.callables, overflow=reading.overflow)


def is_marker(value: object) -> bool:
    """Whether a value of the view stands for something that JSON does not know."""
    return isinstance(value, dict) and (CALLABLE in value or TYPE in value)


def type_name(value: object) -> str:
    """The name of a value's type, also where its metaclass would rather say something else."""
    name = str(_NAME_OF_TYPE.__get__(type(value)))[:60]
    return name if name.isidentifier() else repr(name)


def binds(function: Callable[..., Any]) -> tuple[int, ...]:
    """With how many positional arguments, of 1 (source) and 2 (source, options), a function can be called.

    Decided from its signature. Some built-in functions have none: these are given the benefit of the doubt.
    """
    return _signature(function)[1]


@dataclass(slots=True)
class _Reading:
    """One walk through a CONFIG."""

    callables: dict[Path, Callable[..., Any]] = field(default_factory=dict)
    overflow: Path | None = None
    values: int = 0
    # The ids of the lists and dicts that the walk is inside of.
    inside: set[int] = field(default_factory=set)

    def read(self, item: object, path: Path) -> Any:
        self.values += 1
        if self.values > MOST_VALUES:
            self.overflow = self.overflow or path
            return None
        # `isinstance` would ask the object for its `__class__`, which is foreign code.
        kind = type(item)
        if issubclass(kind, (list, dict)):
            return self._container(item, path)
        if item is None or issubclass(kind, (bool, str, int, float)):
            return _scalar(item)
        if callable(item):
            self.callables[path] = item
            signature, counts = _signature(item)
            return {CALLABLE: {"signature": signature, "binds": list(counts)}}
        return {TYPE: type_name(item)}

    def _container(self, item: Any, path: Path) -> Any:
        what = "list" if issubclass(type(item), list) else "dict"
        if id(item) in self.inside:
            return {TYPE: f"{what} that contains itself"}
        if len(path) >= _DEEPEST:
            return {TYPE: f"{what} that lies more than {_DEEPEST} levels deep"}
        self.inside.add(id(item))
        try:
            return self._list(item, path) if what == "list" else self._dict(item, path)
        finally:
            self.inside.discard(id(item))

    def _list(self, item: Any, path: Path) -> list[Any]:
        # Copied first: asking a function for its signature may run code, which may change the list.
        view = []
        for index, element in enumerate(list.copy(item)):
            view.append(self.read(element, (*path, index)))
            if self.overflow is not None:
                break
        return view

    def _dict(self, item: Any, path: Path) -> dict[str, Any]:
        view: dict[str, Any] = {}
        strangers = []
        for key, element in list(dict.items(item)):
            if not issubclass(type(key), str):
                strangers.append(type_name(key))
                continue
            name = str.__str__(key)
            if name.startswith(("$callable", "$python-")):
                name = "$" + name  # so that nobody's own key is taken for ours
            view[name] = self.read(element, (*path, name))
            if self.overflow is not None:
                break
        if strangers:
            view[KEYS] = strangers
        return view


def _scalar(item: Any) -> Any:
    """A plain copy of a text or a number, which may be of a subclass that overrides anything."""
    kind = type(item)
    if item is None or kind is bool:
        return item
    if issubclass(kind, str):
        return str.__str__(item)
    if issubclass(kind, int):
        whole = int.__int__(item)
        return whole if whole.bit_length() <= _MOST_BITS else {TYPE: f"int of {whole.bit_length()} bits"}
    real = float.__float__(item)
    return real if math.isfinite(real) else {TYPE: f"float that is {real}"}


def _signature(function: Callable[..., Any]) -> tuple[str, tuple[int, ...]]:
    """The parameters' names, without the defaults (whose repr is foreign code, and may be a secret), and the counts."""
    try:
        signature = inspect.signature(function)
        text = ", ".join(_parameter(p) for p in signature.parameters.values())
        return f"({text})", tuple(count for count in (1, 2) if _binds(signature, count))
    except KeyboardInterrupt:
        raise
    except BaseException:  # noqa: BLE001 - ValueError for some built-ins; anything from a foreign __signature__
        return "(...)", (1, 2)


def _parameter(parameter: inspect.Parameter) -> str:
    if parameter.kind is parameter.VAR_POSITIONAL:
        return f"*{parameter.name}"
    if parameter.kind is parameter.VAR_KEYWORD:
        return f"**{parameter.name}"
    return parameter.name if parameter.default is parameter.empty else f"{parameter.name}=..."


def _binds(signature: inspect.Signature, count: int) -> bool:
    try:
        signature.bind(*range(count))
    except TypeError:
        return False
    return True
