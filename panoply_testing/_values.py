"""Calls the functions that CONFIG gives for the `values` of its params, and looks at what they give.

A function is called as the platform does it: by its signature, with a `source` in which the params that it depends on
are filled in. It is the source's code that runs: one call is one step of a run, to be made by whoever watches it.
What is given back is gone through within that call, since a generator does its work only then.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from panoply._config_json import binds, is_marker, json_view, type_name
from panoply._credential_params import hides_default
from panoply._spelling import nearest
from panoply_testing._config_facts import ValuesFacts

if TYPE_CHECKING:
    from _collections_abc import dict_items, dict_keys, dict_values
    from collections.abc import Awaitable, Callable, Iterator

    from panoply_testing.observation import Raised

__all__ = [
    "MOST_ENTRIES",
    "Listing",
    "ValuesCall",
    "calls",
    "facts_not_called",
    "facts_of",
    "facts_of_bare",
    "facts_of_raised",
]

# Of something that does not tell its length, so many entries are waited for. Nobody chooses among a hundred thousand.
MOST_ENTRIES: Final = 100_000

# How many odd entries are kept as examples.
EXAMPLES: Final = 5

# Where the function lies in CONFIG.
_PLACE: Final = ("params", 0, "values")

# How many keys of an entry a message can use.
_KEYS: Final = 5


@dataclass(frozen=True, slots=True)
class Listing:
    """What a function gave, gone through.

    Attributes:
        type_name: of what it gave.
        entries: at most MOST_ENTRIES of them.
        count: how many there are, as far as is known.
        is_listing: whether it was a list, or another thing that gives entries one after the other.
        endless: whether there were more than MOST_ENTRIES of a thing that does not tell its length.
    """

    type_name: str
    entries: tuple[Any, ...] = field(default=(), repr=False)
    count: int = 0
    is_listing: bool = True
    endless: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ValuesCall:
    """A function that CONFIG gives for the `values` of a param, ready to be called.

    Attributes:
        call: calls it, and goes through what it gives: a `Listing`, or an awaitable of one where the function is async.
            None: it cannot be called, and `reason` says why.
        missing: names of the params that it depends on and that are not at hand.
        source: what it gets.
        strangers: the names of the other params that need not be filled in by the time it is called.
        bare: the same call without the others, if any of them has a value: it shows what a function needs that takes
            `source` as a whole, of which nobody sees what it reads.
    """

    param: str
    call: Callable[[], Listing | Awaitable[Listing]] | None = field(default=None, repr=False)
    reason: str = ""
    missing: tuple[str, ...] = ()
    source: _Source = field(default_factory=lambda: _Source({}), repr=False)
    strangers: frozenset[str] = field(default=frozenset(), repr=False)
    bare: ValuesCall | None = field(default=None, repr=False)

    @property
    def name(self) -> str:
        """What to call it in a message."""
        return f"the values of the param {self.param!r}"


def calls(config: object, params: Mapping[str, Any], options: Mapping[str, Any]) -> list[ValuesCall]:
    """The functions among the `values` of a CONFIG's params, in order; each gets copies of `params` and `options`.

    Args:
        config: the module's CONFIG, right or wrong.
        params: the params at hand; for others, the default counts.
        options: what a function of `(source, options)` gets as the second one.
    """
    view = json_view(config)
    listed = view.value.get("params") if isinstance(view.value, dict) else None
    declared = _declared(listed)
    params = {**_defaults(declared), **params}
    found = []
    for path, function in view.callables.items():
        if len(path) != len(_PLACE) or (path[0], path[2]) != (_PLACE[0], _PLACE[2]) or not isinstance(listed, list):
            continue
        index = int(path[1])
        name = listed[index].get("name")
        name = name if isinstance(name, str) else f"params[{index}]"
        wanted = _above(name, declared)
        missing = tuple(each for each in declared.get(name, {}).get("dependencies", ()) if params.get(each) is None)
        if not binds(function):
            found.append(ValuesCall(param=name, reason="it takes neither (source) nor (source, options)"))
        elif missing:
            found.append(ValuesCall(param=name, missing=missing, reason=f"it depends on {', '.join(missing)}"))
        else:
            # What has a value before anybody types one, or is none of the user's business, is not waited for.
            may_read = wanted | {each for each, param in declared.items() if _fills_itself(param)}
            strangers = frozenset(declared) - {name} - may_read
            call = _ready(function, name, params, options, strangers)
            if any(params.get(each) is not None for each in strangers):
                rest = {key: value for key, value in params.items() if key not in strangers}
                call = replace(call, bare=_ready(function, name, rest, options, strangers))
            found.append(call)
    return found


def _ready(
    function: Callable[..., Any],
    name: str,
    params: Mapping[str, Any],
    options: Mapping[str, Any],
    strangers: frozenset[str],
) -> ValuesCall:
    source = _Source(copied(params))
    return ValuesCall(param=name, call=_caller(function, source, options), source=source, strangers=strangers)


def facts_of(
    call: ValuesCall, listing: Listing, *, seconds: float = 0.0, mask: Callable[[str], str] = str
) -> ValuesFacts:
    """What a function gave."""
    odd = [
        (index, type_name(entry), mask(fault))
        for index, entry in enumerate(listing.entries)
        if (fault := _fault(entry)) is not None
    ]
    facts = ValuesFacts(
        param=call.param,
        type_name=listing.type_name,
        is_listing=listing.is_listing,
        count=listing.count,
        endless=listing.endless,
        odd=tuple(odd[:EXAMPLES]),
        odd_count=len(odd),
        seconds=seconds,
    )
    return _with_keys(facts, call)


def facts_of_raised(call: ValuesCall, raised: Raised, *, seconds: float = 0.0) -> ValuesFacts:
    """What a function did that raised."""
    facts = ValuesFacts(
        param=call.param,
        raised=str(raised),
        defect=raised.defect,
        where=raised.where,
        frames=raised.frames,
        seconds=seconds,
    )
    return _with_keys(facts, call)


def facts_of_bare(facts: ValuesFacts, call: ValuesCall, raised: Raised | None) -> ValuesFacts:
    """What a function that takes `source` as a whole did without the params that it does not depend on."""
    if raised is None:
        return facts
    return replace(facts, bare_raised=str(raised), bare_without=tuple(sorted(call.strangers & call.source.had)))


def facts_not_called(call: ValuesCall) -> ValuesFacts:
    """Why a function was not called."""
    return ValuesFacts(param=call.param, called=False, reason=call.reason, missing=call.missing)


def copied(value: Any) -> Any:
    """A copy that shares no list and no dict with the value."""
    if isinstance(value, Mapping):
        return {key: copied(inner) for key, inner in value.items()}
    return [copied(inner) for inner in value] if isinstance(value, list) else value


# ---------------------------------------------------------------------- calling


class _Source(dict[str, Any]):
    """Params that remember which of them were asked for; from when they are read as a whole (`**source`), only that."""

    # Keyed by what was asked for, in order: with [], or in a way that gets along without.
    __slots__ = ("had", "needed", "tried", "whole")

    def __init__(self, values: dict[str, Any]) -> None:
        super().__init__(values)
        self.had = frozenset(values)
        self.needed: dict[str, None] = {}
        self.tried: dict[str, None] = {}
        self.whole = False

    def __getitem__(self, key: str) -> Any:
        self._need(key)
        return super().__getitem__(key)

    def __iter__(self) -> Iterator[str]:
        self.whole = True
        return super().__iter__()

    def keys(self) -> dict_keys[str, Any]:
        self.whole = True
        return super().keys()

    def values(self) -> dict_values[str, Any]:
        self.whole = True
        return super().values()

    def items(self) -> dict_items[str, Any]:
        self.whole = True
        return super().items()

    def copy(self) -> dict[str, Any]:
        self.whole = True
        return super().copy()

    def __or__(self, other: Any) -> Any:
        self.whole = True
        return super().__or__(other)

    def __ror__(self, other: Any) -> Any:
        self.whole = True
        return super().__ror__(other)

    def __contains__(self, key: object) -> bool:
        self._try(key)
        return super().__contains__(key)

    def get(self, key: str, default: Any = None) -> Any:
        self._try(key)
        return super().get(key, default)

    def pop(self, key: str, *default: Any) -> Any:
        if default:
            self._try(key)
        else:
            self._need(key)
        return super().pop(key, *default)

    def setdefault(self, key: str, default: Any = None) -> Any:
        self._try(key)
        return super().setdefault(key, default)

    def __setitem__(self, key: str, value: Any) -> None:
        self._try(key)
        super().__setitem__(key, value)

    def __reduce__(self) -> tuple[type[dict[str, Any]], tuple[dict[str, Any]]]:
        # A copy is a dict like any other.
        return dict, (self.copy(),)

    def _need(self, key: object) -> None:
        # Whoever has looked whether it is there gets along without it.
        if isinstance(key, str) and key not in self.tried and not (self.whole and key in self.had):
            self.needed[key] = None

    def _try(self, key: object) -> None:
        if isinstance(key, str) and key not in self.needed and not self.whole:
            self.tried[key] = None


def _caller(
    function: Callable[..., Any], source: _Source, options: Mapping[str, Any]
) -> Callable[[], Listing | Awaitable[Listing]]:
    arguments = (source, copied(options)) if 2 in binds(function) else (source,)

    def call() -> Listing | Awaitable[Listing]:
        given = function(*arguments)
        return _settled(given) if inspect.isawaitable(given) else _listing(given)

    return call


async def _settled(given: Awaitable[Any]) -> Listing:
    return _listing(await given)


def _listing(given: Any) -> Listing:
    """Go through what a function gave, as far as need be."""
    name = type_name(given)
    if given is None or isinstance(given, str | bytes | bytearray | Mapping) or not _is_iterable(given):
        return Listing(type_name=name, is_listing=False)
    entries = tuple(islice(given, MOST_ENTRIES + 1))
    if isinstance(given, list | tuple | set | frozenset):
        return Listing(type_name=name, entries=entries[:MOST_ENTRIES], count=len(given))
    return Listing(
        type_name=name,
        entries=entries[:MOST_ENTRIES],
        count=min(len(entries), MOST_ENTRIES),
        endless=len(entries) > MOST_ENTRIES,
    )


def _is_iterable(given: Any) -> bool:
    return hasattr(type(given), "__iter__") or hasattr(type(given), "__getitem__")


# ---------------------------------------------------------------------- what CONFIG says of the params


def _declared(listed: Any) -> dict[str, dict[str, Any]]:
    """The params by their names, each with dependencies that are names."""
    found: dict[str, dict[str, Any]] = {}
    for param in listed if isinstance(listed, list) else ():
        if isinstance(param, dict) and isinstance(param.get("name"), str):
            named = param.get("dependencies")
            names = [each for each in named if isinstance(each, str)] if isinstance(named, list) else []
            found.setdefault(param["name"], {**param, "dependencies": names})
    return found


def _defaults(declared: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """What the form fills in by itself. Not a credential: it is not among those that are looked for, and masked."""
    return {
        name: param["default"]
        for name, param in declared.items()
        if param.get("default") is not None and not is_marker(param["default"]) and not hides_default(param)
    }


def _above(name: str, declared: Mapping[str, Mapping[str, Any]]) -> frozenset[str]:
    """The params that are filled in before this one: its dependencies, and theirs."""
    found: dict[str, None] = {}
    todo = list(declared.get(name, {}).get("dependencies", ()))
    while todo:
        each = todo.pop()
        if each not in found:
            found[each] = None
            todo += declared.get(each, {}).get("dependencies", ())
    return frozenset(found)


def _fills_itself(param: Mapping[str, Any]) -> bool:
    has_default = param.get("default") is not None and param["default"] != ""
    return has_default or param.get("type") == "hidden" or param.get("hidden") is True


def _with_keys(facts: ValuesFacts, call: ValuesCall) -> ValuesFacts:
    source, strangers = call.source, call.strangers
    return replace(
        facts,
        keys_read=tuple(dict.fromkeys((*source.needed, *source.tried))),
        needs=tuple(key for key in source.needed if key in strangers and key in source.had),
        looks_at=tuple(key for key in source.tried if key in strangers and key not in source.needed),
        lacks=tuple(key for key in source.needed if key not in source.had),
    )


# ---------------------------------------------------------------------- looking at entries


def _fault(entry: Any) -> str | None:
    """What is wrong with an entry, never its value; None: nothing."""
    kind = type(entry)
    if kind is str or kind is int:
        return None
    if issubclass(kind, dict):
        return _fault_of_dict(entry)
    if issubclass(kind, bool):
        return "neither text nor a number"
    if issubclass(kind, float):
        return None if math.isfinite(entry) else "a number that JSON does not know (NaN or Infinity)"
    return None if issubclass(kind, str | int) else "neither text nor a number"


def _fault_of_dict(entry: dict[Any, Any]) -> str | None:
    if "value" not in entry:
        keys = [str.__str__(key)[:60] for key in entry if isinstance(key, str)]
        near = nearest("value", keys)
        shown = ", ".join(map(repr, keys[:_KEYS])) + (", ..." if len(keys) > _KEYS else "")
        question = f" (is {near!r} meant to be that?)" if near else ""
        return f"it has no key 'value', but {shown}{question}" if shown else "it has no key 'value'"
    value = entry["value"]
    if type(value) not in (str, int) and (stranger := _stranger(value)) is not None:
        return f"its value is of type {stranger}, which JSON does not know"
    name = entry.get("name", "")
    if isinstance(name, bool) or not isinstance(name, str | int | float):
        return f"its name is of type {type_name(name)}, not text"
    return None


def _stranger(value: Any) -> str | None:
    """The type of something in a value that JSON does not know; None: there is nothing of the kind."""
    todo = [json_view(value).value]
    while todo:
        view = todo.pop()
        if is_marker(view):
            return str(view.get("$python-type", "function"))
        if isinstance(view, dict):
            if "$python-keys" in view:
                return f"dict with a key of type {view['$python-keys'][0]}"
            todo += view.values()
        elif isinstance(view, list):
            todo += view
    return None
