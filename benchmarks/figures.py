"""Medians, ratios and verdicts. Nothing here measures anything."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    Cell: TypeAlias = Mapping[str, Any]

__all__ = ["Verdict", "fill", "median_of", "median_ratio", "spread"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """A target, and what was reached.

    Attributes:
        bound: the number to reach.
        at_most: whether that is the largest allowed, or the smallest.
        reached: None if it could not be measured; `note` then tells why.
        unit: stands after both numbers.
    """

    target: str
    bound: float
    at_most: bool
    reached: float | None
    unit: str = ""
    note: str = ""

    @property
    def met(self) -> bool | None:
        """Whether it was reached; None if that is not known."""
        if self.reached is None:
            return None
        return self.reached <= self.bound if self.at_most else self.reached >= self.bound

    @property
    def line(self) -> str:
        """One line for readers."""
        word = {True: "met", False: "NOT MET", None: "skipped"}[self.met]
        reached = "" if self.reached is None else f": {_short(self.reached)}{self.unit}"
        bound = f"at {'most' if self.at_most else 'least'} {_short(self.bound)}{self.unit}"
        note = f" [{self.note}]" if self.note else ""
        return f"{word:<8} {self.target}{reached} ({bound}){note}"


def median_of(cells: Sequence[Cell], value: Callable[[Cell], float]) -> float:
    """The median over the rounds."""
    return statistics.median(value(cell) for cell in cells)


def median_ratio(ours: Sequence[Cell], theirs: Sequence[Cell], value: Callable[[Cell], float]) -> float:
    """The median of the ratios within each round, so that a machine that gets slower in between does not count."""
    return statistics.median(value(our) / value(their) for our, their in zip(ours, theirs, strict=True))


def spread(cells: Sequence[Cell], value: Callable[[Cell], float]) -> float:
    """How far the rounds lie apart: (largest - smallest) / median."""
    values = [value(cell) for cell in cells]
    return (max(values) - min(values)) / statistics.median(values)


def fill(sizes: Sequence[int], limit: int) -> float | None:
    """How full messages are on average, of those that were sent because they were full; None if there are none.

    The smallest is left out: one holds what was left at the end.
    """
    full = sorted(sizes)[1:]
    return sum(full) / len(full) / limit if full else None


def _short(number: float) -> str:
    return f"{number:.3g}" if abs(number) < 100 else f"{number:.0f}"
