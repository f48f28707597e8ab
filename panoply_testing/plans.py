"""Which runs of a source there are to observe: each plan describes one, and equal plans are one run.

A check names the plans that it needs, or asks for further ones that follow from what it has seen. What happened in a run
is an `Observation`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from panoply_testing._breakages import Breakage
    from panoply_testing._redirects import Redirect
    from panoply_testing.faults import Fault

__all__ = [
    "AGAIN",
    "BAD_PARAMS",
    "CLEAN",
    "EMPTY_OPTIONS",
    "FIRST_READS",
    "HINT",
    "IMPORTED_ANEW",
    "UNREAD",
    "VALUES",
    "Plan",
    "Second",
]

# The platform asks for batches of this size; a source may give more or fewer.
HINT: Final = 1000

# A source that starts over after EOF usually does so at once. One that only goes wrong at the second or third call
# (a flag that is flipped back, a generator made anew) needs a few more.
READS_AFTER_EOF: Final = 3


class Second(Enum):
    """What a second instance in the same run is made from, and when it is read."""

    REUSED = "made from the very same params, after the first one was closed"
    INTERLEAVED = "made from equal params, and read between the batches of the first one"
    READ_FIRST = "made from equal params, and read before the first one"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is done with the source in one run, from its import to the second `close()` of its last instance.

    Attributes:
        about: what the run is for, in words for a report.
        hints: the arguments of the successive calls of `read()`; the last one is used for all that follow. Empty: none is
            passed.
        reads: how many batches to read; None: until EOF and a few calls beyond.
        most_reads: how many calls may pass without EOF; None: as many as the user allows.
        empty_options: whether the source gets `{}` rather than the options at hand.
        bad_params: whether it gets the params that the far end refuses.
        broken: which of its params is broken, and how.
        second: whether there is a second instance.
        resume_after: after so many batches, the first instance is closed; a second one gets the state reported up to then,
            and is read to EOF.
        fault: what goes wrong on the network.
        redirect: which request is answered with a redirect to another host.
        proxied: addresses of far ends that native drivers connect to: the params are changed so that they reach these
            through a proxy of the kit's, where the fault is injected. Empty: nothing is changed.
        ignoring: columns that are left out where records are compared, because they differ from run to run.
        by_column: whether to find out which columns make two runs differ.
        show: numbers of records to describe, counted from 0 over all batches.
        values: whether the callable `values` of CONFIG are called, instead of reading.
        anew: whether the source is only imported, by an interpreter of its own.
    """

    about: str
    hints: tuple[int | None, ...] = (HINT,)
    reads: int | None = None
    most_reads: int | None = None
    empty_options: bool = False
    bad_params: bool = False
    broken: Breakage | None = None
    second: Second | None = None
    resume_after: int | None = None
    fault: Fault | None = None
    redirect: Redirect | None = None
    proxied: tuple[str, ...] = ()
    ignoring: tuple[str, ...] = ()
    by_column: bool = False
    show: tuple[int, ...] = ()
    values: bool = False
    anew: bool = False

    @property
    def call(self) -> str:
        """The first call as one would write it: `read(1000)`."""
        return f"read({', '.join(map(str, self.arguments(1)))})"

    def arguments(self, number: int) -> tuple[int | None, ...]:
        """The arguments of the `number`-th call of `read()`, from 1."""
        return self.hints[min(number, len(self.hints)) - 1 :][:1] if self.hints else ()

    @property
    def is_plain(self) -> bool:
        """Whether one instance gets what any user would give it, and nothing goes wrong: what it lets out is what counts."""
        special = (self.fault, self.redirect, self.broken, self.second, self.resume_after)
        return all(each is None for each in special) and not self.by_column


CLEAN: Final = Plan(about="a run from start to end")
AGAIN: Final = Plan(about="a second run from start to end", by_column=True)
IMPORTED_ANEW: Final = Plan(about="imported by a new interpreter", anew=True)
UNREAD: Final = Plan(about="closed before the first read", reads=0)
EMPTY_OPTIONS: Final = Plan(about="constructed with empty options", reads=0, empty_options=True)
FIRST_READS: Final = (
    Plan(about="the first batch by read()", hints=(), reads=1),
    Plan(about="the first batch by read(None)", hints=(None,), reads=1),
    Plan(about="the first batch by read(1000)", hints=(HINT,), reads=1),
)
# Who has not said by then that it was refused never will.
BAD_PARAMS: Final = Plan(about="with params that the far end refuses", bad_params=True, most_reads=1_000)
VALUES: Final = Plan(about="the values of CONFIG's params", values=True)
