"""Finds who holds a function of `time`, wherever in this process, so that another one can be put in its place.

`from time import sleep`, a default argument, a class attribute: each keeps the function itself, and does not notice that
`time.sleep` has become another.
"""

from __future__ import annotations

import functools
import gc
import itertools
import operator
import sys
from types import CellType, FunctionType, ModuleType
from typing import TYPE_CHECKING, Any, Final

from panoply_testing import _clock_real as real

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["REPLACED", "look_again", "places"]

# The functions of `time` that the clock replaces. `clock_gettime`, the only other one that shows how much time has passed, is
# time_machine's: that writes into a function which it takes to be C's, also when the process ends.
REPLACED: Final = ("sleep", "monotonic", "monotonic_ns", "perf_counter", "perf_counter_ns", "ctime", "asctime")

# The name of a function, and what puts another one in its place, somewhere.
Place = tuple[str, "Callable[[Any], object]"]


def look_again() -> None:
    """Find them in this process, for itself and for those that it forks, unless it has and no module has come since."""
    if _found()[0] != len(sys.modules):
        _found.cache_clear()
        _found()


def places() -> Iterator[Place]:
    """Where the functions are held, as far as can be told.

    Not seen is what a process has made of them since it last looked, but for the modules that it has imported.
    """
    modules, found = _found()
    yield from found
    names = _names()
    # Newest first, and no further: see below for what it costs a fork to look at a module.
    for module in list(itertools.islice(reversed(sys.modules.values()), max(0, len(sys.modules) - modules))):
        if isinstance(module, ModuleType):
            yield from _places_in(vars(module), names)


@functools.cache
def _found() -> tuple[int, tuple[Place, ...]]:
    """The places, and how many modules there were. It looks at every object there is, which takes 20 ms and more.

    Those that are forked have no need to. Nor could they afford to look at all that a module or a class holds: to look at an
    object is to count a reference to it, for which a fork has to copy a page of memory.
    """
    names = _names()
    originals = [getattr(real, name) for name in REPLACED]
    apart = [vars(real), originals]
    holders = [each for each in gc.get_referrers(*originals) if not any(each is mine for mine in apart)]
    # A tuple cannot be changed, and a class's dict must not be behind its back: what counts is the function that has the one
    # for its defaults, and the class.
    inner = [each for each in holders if type(each) is tuple or (type(each) is dict and "__module__" in each)]
    owners = gc.get_referrers(*inner) if inner else []
    holders += [each for each in owners if isinstance(each, type)]
    holders += [
        each for each in owners if isinstance(each, FunctionType) and any(each.__defaults__ is i for i in inner)
    ]
    return len(sys.modules), tuple(place for holder in holders for place in _places_in(holder, names))


def _names() -> dict[int, str]:
    return {id(getattr(real, name)): name for name in REPLACED}


def _places_in(holder: Any, names: dict[int, str]) -> Iterator[Place]:
    if type(holder) in {dict, list}:
        items = list(holder.items() if type(holder) is dict else enumerate(holder))
        setter: Callable[..., object] = operator.setitem
    elif isinstance(holder, FunctionType):
        items, setter = list(enumerate(holder.__defaults__ or ())), _set_default
    elif isinstance(holder, CellType):
        items, setter = [("cell_contents", holder.cell_contents)], setattr
    elif isinstance(holder, functools.partial):
        items, setter = list(enumerate((holder.func, *holder.args))), _set_part
    elif isinstance(holder, type):
        items, setter = list(vars(holder).items()), type.__setattr__
    else:
        # Not by what its class has to say on the matter: frozen ones refuse.
        items, setter = list(_attributes(holder)), object.__setattr__
    for key, value in items:
        if id(value) in names:
            yield names[id(value)], functools.partial(setter, holder, key)


def _attributes(holder: object) -> Iterator[tuple[str, object]]:
    """Those of an object without a dict that could be seen: one with slots, or (from Python 3.13 on) most."""
    yield from getattr(holder, "__dict__", {}).items()
    for kind in type(holder).__mro__:
        slots = vars(kind).get("__slots__", ())
        for name in (slots,) if isinstance(slots, str) else slots:
            if hasattr(holder, name):
                yield name, getattr(holder, name)


def _set_default(function: FunctionType, index: int, value: object) -> None:
    defaults = list(function.__defaults__ or ())
    defaults[index] = value
    function.__defaults__ = tuple(defaults)


def _set_part(part: functools.partial[Any], index: int, value: object) -> None:
    parts: list[Any] = [part.func, *part.args]
    parts[index] = value
    state: Any = part.__reduce__()[2]
    part.__setstate__((parts[0], tuple(parts[1:]), *state[2:]))  # type: ignore[attr-defined]
