"""Which known name a misspelled one means, for "did you mean ...?".

Only the comparison belongs here; who asks knows what the names are names of.
"""

from __future__ import annotations

import difflib
from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = ["did_you_mean", "nearest"]

# Comparing takes time that grows with both lengths and with the number of names. Names that people type are shorter,
# and lists of them smaller; whatever is larger was made by a machine, which does not misspell.
_LONGEST = 64
_MOST = 200

# Below this share of equal letters the suggestion puzzles more often than it helps (difflib's own default is 0.6).
_ALIKE = 0.7


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The known name that is spelled most like `name`; letter case, `-` and `_` do not count. None: none is near."""
    plain: dict[str, str] = {}
    for other in islice(known, _MOST):
        if len(other) <= _LONGEST:
            plain.setdefault(_plain(other), other)
    matches = difflib.get_close_matches(_plain(name), plain, n=1, cutoff=_ALIKE)
    return plain[matches[0]] if matches else None


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """The question `Did you mean 'title'?`, or no text where nothing is near."""
    near = nearest(name, known)
    return "" if near is None else f"Did you mean {near!r}?"


def _plain(name: str) -> str:
    return name.lower().replace("-", "").replace("_", "")
