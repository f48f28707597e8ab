"""What is wrong with a CONFIG, and where: the value that every rule on CONFIG gives.

The place is kept as a path into the JSON view here, so that faults can be ordered, and one that follows from another can
be told from it. What a person reads is `panoply.config.ConfigFinding`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Literal

__all__ = ["NOTHING", "Fault", "Level", "Path", "position", "shown"]

Level = Literal["error", "warning"]
Path = tuple[str | int, ...]

# What was found where a key is missing.
NOTHING = "nothing"

_PLAIN_KEY = re.compile(r"[\w$-]{1,60}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that is wrong.

    Attributes:
        kind: what it says of the place. `value`: there is one, and it is wrong; `missing`: there is none;
            `unknown`: nobody knows such a key; `keys`: a key of the dict there is no text.
        means: for an unknown key, the path of the known key that it seems to mean.
        never_error: whether it is a warning in a review as well: the platform gains new keys and types.
    """

    level: Level
    path: Path
    found: str
    expected: str
    fix: str
    kind: Literal["value", "missing", "unknown", "keys"] = "value"
    means: Path | None = None
    never_error: bool = False


def shown(path: Path) -> str:
    """The path as one would write it in JavaScript: `params[2].dependencies[0]`."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        elif _PLAIN_KEY.fullmatch(part):
            text += f".{part}" if text else part
        else:
            text += f"[{part[:60]!r}]"
    return text


def position(path: Path, view: Any) -> tuple[int, ...]:
    """Where the path lies in the order in which CONFIG was written; a missing key comes after those that are there."""
    steps = []
    node = view
    for part in path:
        if isinstance(part, int):
            steps.append(part)
            node = node[part] if isinstance(node, list) and part < len(node) else None
        elif isinstance(node, dict) and part in node:
            steps.append(list(node).index(part))
            node = node[part]
        else:
            steps.append(len(node) if isinstance(node, dict) else 0)
            node = None
    return tuple(steps)
