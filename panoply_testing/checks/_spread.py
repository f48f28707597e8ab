"""Chooses some of many, so that all parts are looked at, and the same ones again for the same seed."""

from __future__ import annotations

import itertools
import random
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["spread"]

_T = TypeVar("_T")


def spread(items: Sequence[_T], most: int, seed: int) -> list[_T]:
    """At most so many of the items, in their order: all if they are few enough; else the first, the last, and one from each
    stretch between, chosen by the seed.
    """
    if len(items) <= most:
        return list(items)
    if most < 3:
        return [items[0], items[-1]][:most]
    rng = random.Random(seed)  # noqa: S311 - a sample, no secret
    inner, stretches = len(items) - 2, most - 2
    bounds = [1 + inner * number // stretches for number in range(stretches + 1)]
    chosen = [items[rng.randrange(low, high)] for low, high in itertools.pairwise(bounds)]
    return [items[0], *chosen, items[-1]]
