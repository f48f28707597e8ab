"""Which runs of a source there are to observe: each plan describes one, and equal plans are one run.

A check names the plans that it needs. What happened in a run is an `Observation`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

__all__ = ["CLEAN", "EMPTY_OPTIONS", "FIRST_READS", "UNREAD", "Plan"]

# The platform asks for batches of this size; a source may give more or fewer.
HINT: Final = 1000

# A source that starts over after EOF usually does so at once. One that only goes wrong at the second or third call
# (a flag that is flipped back, a generator made anew) needs a few more.
READS_AFTER_EOF: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One instance of the source, from its construction to its second `close()`.

    Attributes:
        about: what the run is for, in words for a report.
        hint: the argument of every `read()`: `(1000,)`, `(None,)` or `()`.
        reads: how many calls of `read()`; None: until EOF and a few beyond.
        empty_options: whether the source gets `{}` rather than the options at hand.
    """

    about: str
    hint: tuple[int | None, ...] = (HINT,)
    reads: int | None = None
    empty_options: bool = False

    @property
    def call(self) -> str:
        """The call as one would write it: `read(1000)`."""
        return f"read({', '.join(map(str, self.hint))})"


CLEAN: Final = Plan(about="a run from start to end")
UNREAD: Final = Plan(about="closed before the first read", reads=0)
EMPTY_OPTIONS: Final = Plan(about="constructed with empty options", reads=0, empty_options=True)
FIRST_READS: Final = (
    Plan(about="the first batch by read()", hint=(), reads=1),
    Plan(about="the first batch by read(None)", hint=(None,), reads=1),
    Plan(about="the first batch by read(1000)", hint=(HINT,), reads=1),
)
