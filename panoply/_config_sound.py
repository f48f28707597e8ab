"""The sound part of a CONFIG: what is left of its JSON view when all that the schema faults is taken out.

Rules that look at several params work on it, so that they need not ask each value for its type, and do not tell a
second time what the schema has told.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from panoply._config_fault import Fault, Path

__all__ = ["Sound", "sound_part"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sound:
    """What rules look at: every value in it has the type that the schema asks for, or is absent.

    Attributes:
        params: the params that are dicts, by their index.
        indices: the index of the first param of each name.
        names_are_reliable: whether each param has a name of its own. While one has not, a reference to no param may be
            meant for that one, and is not told.
        faulty: the places that the schema faults.
        keys: the known keys of CONFIG, of a param and of a choice, by their place.
        types: the known types of params.
        today: the day on which CONFIG is checked.
    """

    config: dict[str, Any]
    params: tuple[tuple[int, dict[str, Any]], ...]
    indices: dict[str, int]
    names_are_reliable: bool
    faulty: frozenset[Path]
    keys: Mapping[str, tuple[str, ...]]
    types: tuple[str, ...]
    today: date


def sound_part(
    view: dict[str, Any],
    faults: Iterable[Fault],
    *,
    keys: Mapping[str, tuple[str, ...]],
    types: tuple[str, ...],
    today: date,
) -> Sound:
    """Take out of a CONFIG's view every value that has a fault; in a list, None takes its place."""
    config = copy.deepcopy(view)
    faulty = frozenset(fault.path for fault in faults)
    wrong = [fault.path for fault in faults if fault.kind == "value"]
    for path in sorted(wrong, key=len, reverse=True):
        _remove(path, config)
    listed = config.get("params")
    items = listed if isinstance(listed, list) else []
    params = tuple((index, item) for index, item in enumerate(items) if isinstance(item, dict))
    indices: dict[str, int] = {}
    for index, param in params:
        if "name" in param:
            indices.setdefault(param["name"], index)
    return Sound(
        config=config,
        params=params,
        indices=indices,
        names_are_reliable="params" in config and len(indices) == len(items),
        faulty=faulty,
        keys=keys,
        types=types,
        today=today,
    )


def _remove(path: Path, node: Any) -> None:
    last = path[-1]
    for part in path[:-1]:
        node = node[part]
    if isinstance(last, int):
        node[last] = None
    else:
        del node[last]
