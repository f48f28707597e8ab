"""Finds who holds a function, wherever in this process, and gives them another one in its place.

`from time import sleep`, a default argument, a class attribute: each keeps the function itself, and does not notice that
`time.sleep` has become another.
"""

from __future__ import annotations

import functools
import gc
from types import CellType, FunctionType
from typing import TYPE_CHECKING, Any, Final

from panoply_testing import _clock_real as real

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

__all__ = ["REPLACED", "holders", "replace"]

# The functions of `time` that the clock replaces. `clock_gettime`, the only other one that shows how much time has passed, is
# time_machine's: that writes into a function which it takes to be C's, also when the process ends.
REPLACED: Final = ("sleep", "monotonic", "monotonic_ns", "perf_counter", "perf_counter_ns", "ctime", "asctime")


@functools.lru_cache(maxsize=1)
def holders(_modules: int) -> tuple[object, ...]:
    """All objects that hold one of the functions.

    It looks at all objects there are, which takes some 20 ms: so what a process has found is what its forks go by,
    unless they know more modules.

    Args:
        _modules: how many modules there are; what was found holds for as long as these are all.
    """
    originals = [getattr(real, name) for name in REPLACED]
    apart = [vars(real), originals]
    found = [each for each in gc.get_referrers(*originals) if not any(each is mine for mine in apart)]
    # A tuple cannot be changed, and a class's dict must not be behind its back: what counts is the function that has the one
    # for its defaults, and the class.
    inner = [each for each in found if type(each) is tuple or (type(each) is dict and "__module__" in each)]
    owners = gc.get_referrers(*inner) if inner else []
    classes = [each for each in owners if isinstance(each, type)]
    functions = [
        each for each in owners if isinstance(each, FunctionType) and any(each.__defaults__ is one for one in inner)
    ]
    return (*(each for each in found if type(each) is not tuple), *classes, *functions)


def replace(held_by: Iterable[object], instead: Mapping[int, Callable[..., Any]]) -> None:
    """Have each of them hold another function in the place of the one with that `id()`."""
    for holder in held_by:
        _replace_in(holder, instead)


def _replace_in(holder: Any, instead: Mapping[int, Callable[..., Any]]) -> None:
    if type(holder) is dict:
        holder.update({key: instead[id(value)] for key, value in list(holder.items()) if id(value) in instead})
    elif type(holder) is list:
        holder[:] = [instead.get(id(value), value) for value in holder]
    elif isinstance(holder, FunctionType):
        defaults = tuple(instead.get(id(value), value) for value in holder.__defaults__ or ())
        holder.__defaults__ = defaults or None
    elif isinstance(holder, CellType):
        holder.cell_contents = instead.get(id(holder.cell_contents), holder.cell_contents)
    elif isinstance(holder, functools.partial):
        state: Any = holder.__reduce__()[2]
        args = tuple(instead.get(id(value), value) for value in state[1])
        holder.__setstate__((instead.get(id(state[0]), state[0]), args, *state[2:]))  # type: ignore[attr-defined]
    else:
        _replace_attributes(holder, instead)


def _replace_attributes(holder: Any, instead: Mapping[int, Callable[..., Any]]) -> None:
    """Of a class, or of an object without a dict that could be seen: one with slots, or (from Python 3.13 on) most."""
    names = set(getattr(holder, "__dict__", ()))
    for kind in type(holder).__mro__:
        slots = vars(kind).get("__slots__", ())
        names |= {slots} if isinstance(slots, str) else set(slots)
    for name in names:
        value = vars(holder).get(name) if isinstance(holder, type) else getattr(holder, name, None)
        if id(value) in instead:
            # Not by what the class has to say on the matter: frozen ones refuse.
            set_attribute = type.__setattr__ if isinstance(holder, type) else object.__setattr__
            set_attribute(holder, name, instead[id(value)])
