"""How long to wait before trying again what failed for now. It decides nothing else, and reads no clock."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Backoff"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Backoff:
    """Pauses that grow from try to try, up to a longest one, each of them random between nothing and that.

    The whole pause is left to chance ("full jitter"), so that the messages of many programs, which all failed when the far
    end went down, do not all come back in the same moment.

    Attributes:
        first: seconds that the pause after the first failure has at most.
        factor: how many times longer each pause may be than the one before.
        longest: seconds that no pause exceeds.
        chance: returns a number from 0 to 1, a new one each time.
    """

    first: float = 0.25
    factor: float = 2.0
    longest: float = 30.0
    chance: Callable[[], float] = random.random

    def __post_init__(self) -> None:
        if not 0 < self.first <= self.longest or self.factor < 1:
            raise ValueError(f"first is above 0 and at most longest, and factor at least 1: {self}")

    def pause(self, failures: int) -> float:
        """Seconds to wait after so many failures in a row, at least one."""
        # No schedule takes a hundred steps to its longest pause, and a float takes no 2.0 ** 1024.
        return self.chance() * min(self.longest, self.first * self.factor ** min(failures - 1, 100))
