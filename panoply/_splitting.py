"""What the parts of a split run are: one for each value that the user has chosen for a param that takes several.

Pure.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from panoply._spelling import did_you_mean
from panoply.errors import ParamsError

__all__ = ["Sum", "parts_of"]


def parts_of(params: Mapping[str, Any], name: str) -> dict[str, dict[str, Any]]:
    """The params of each part, by the value that the part is for: `{"orders": {"tables": ["orders"], ...}, ...}`.

    Raises:
        ParamsError: there is no such param, or nothing to choose one from.
    """
    if name not in params:
        hint = did_you_mean(name, params)
        raise ParamsError(f"The run cannot be split by {name!r}: it has no value.{' ' + hint if hint else ''}")
    values = params[name]
    if not isinstance(values, list) or not values:
        lists = [repr(other) for other, value in params.items() if isinstance(value, list) and value]
        hint = f" Those that can: {', '.join(lists)}." if lists else ""
        kind = "an empty list" if isinstance(values, list) else "no list"
        raise ParamsError(f"The run cannot be split by {name!r}, whose value is {kind}.{hint}")
    parts: dict[str, dict[str, Any]] = {}
    for value in values:
        # What was chosen twice is read once.
        parts.setdefault(_key(value), {**copy.deepcopy(dict(params)), name: [copy.deepcopy(value)]})
    return parts


def _key(value: object) -> str:
    """How a value is called: a choice by what it stands for, not by what people read."""
    if isinstance(value, Mapping) and isinstance(value.get("value"), (str, int)):
        value = value["value"]
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True, default=str)


@dataclass(slots=True, kw_only=True)
class _Part:
    loaded: int = 0
    total: int | None = None
    message: str = ""
    done: bool = False


class Sum:
    """The progress of all parts as one.

    Parts count in units of their own: rows here, files there. Those that have not said how much there is are taken to be as
    large as the others are on average.

    Args:
        keys: the parts.
    """

    def __init__(self, keys: Mapping[str, object]) -> None:
        self._parts = {key: _Part() for key in keys}

    def progress(self, key: str, loaded: object, total: object, message: str) -> tuple[int | None, int | None, str]:
        """The sum, once a part has said this."""
        part = self._parts[key]
        part.message = message
        if isinstance(loaded, int) and isinstance(total, int) and 0 <= loaded <= total:
            part.loaded, part.total = loaded, total
        return self._sum(f"{key}: {message}" if message else key)

    def done(self, key: str) -> tuple[int | None, int | None, str]:
        """The sum, once a part is over."""
        part = self._parts[key]
        part.done = True
        part.loaded = part.total or 0
        part.total = part.loaded
        return self._sum(key)

    def _sum(self, message: str) -> tuple[int | None, int | None, str]:
        done = sum(part.done for part in self._parts.values())
        said = f"{done} of {len(self._parts)} parts done; {message}"
        known = [part for part in self._parts.values() if part.total is not None]
        total = sum(part.total or 0 for part in known)
        if not total:
            return None, None, said
        estimated = total + round(total / len(known)) * (len(self._parts) - len(known))
        return sum(part.loaded for part in known), estimated, said
