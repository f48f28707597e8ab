"""What a source is given, in copies that it may change; and where it has changed it."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import Any

__all__ = ["changed", "copy_of"]


def copy_of(value: Any) -> Any:
    """A copy of params or options that shares no list and no dict with them; of other objects there is only one."""
    if isinstance(value, dict):
        return {key: copy_of(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [copy_of(inner) for inner in value]
    try:
        return copy.deepcopy(value)
    except Exception:  # noqa: BLE001 - a lock, a connection: what cannot be copied is shared
        return value


def changed(before: Any, after: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Where what was there is no longer the same. More keys in a dict are no change."""
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        for key, value in before.items():
            if key not in after:
                yield f"{path}[{key!r}]", "taken out"
            else:
                yield from changed(value, after[key], f"{path}[{key!r}]")
    elif isinstance(before, list | tuple) and isinstance(after, list | tuple):
        if len(before) != len(after):
            yield path, f"{len(before)} items before, {len(after)} after"
        else:
            for index, (one, other) in enumerate(zip(before, after, strict=True)):
                yield from changed(one, other, f"{path}[{index}]")
    elif before is not after and not _equal(before, after):
        kind = type(after).__name__
        same = type(after) is type(before)
        yield (
            path,
            f"another {kind} than the one that was passed"
            if same
            else f"a {kind}, no {type(before).__name__} any more",
        )


def _equal(one: Any, other: Any) -> bool:
    try:
        return bool(one == other) and type(one) is type(other)
    except Exception:  # noqa: BLE001 - an __eq__ of somebody's own
        return False
