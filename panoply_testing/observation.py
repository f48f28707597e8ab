"""What a run of a source let out, recorded as one frozen value: the only thing that checks look at.

Nothing here runs anything. Texts in it are masked already, and records are not kept, only what was found out about
them, so that the value stays small however much the source reads.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from panoply.config import ConfigFinding
    from panoply_testing.plans import Plan

__all__ = ["Batch", "End", "Leak", "ModuleFacts", "Observation", "Progress", "Raised", "RecordProblem", "Step"]

Kind = Literal["import", "construct", "read", "close"]


class End(Enum):
    """How a run ended."""

    COMPLETE = "it went through"
    GAVE_UP = "it raised, again and again"
    ENDLESS = "it never came to an end"
    HUNG = "a call did not return"
    DIED = "the process died"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordProblem:
    """A record that cannot travel as JSON."""

    index: int
    place: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What one `read()` gave, without the records.

    Attributes:
        type_name: of the value itself.
        length: number of items, where it is a list or a tuple.
        odd_items: index and type of items that are no dicts, the first few.
        problems: records that are no JSON, the first few; `problem_count` counts all.
    """

    type_name: str
    is_none: bool = False
    is_list: bool = False
    length: int | None = None
    odd_items: tuple[tuple[int, str], ...] = ()
    odd_count: int = 0
    problems: tuple[RecordProblem, ...] = ()
    problem_count: int = 0
    records: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Raised:
    """An exception that left the source.

    Attributes:
        where: the innermost line of the source's own code, "acme/source.py:41 in read".
        retryable: what the exception says of itself; True where it says nothing.
        frames: its traceback, innermost last, without the kit's own lines.
        defect: whether it speaks of a mistake in the code (KeyError, SystemExit ...) rather than of a far end that failed.
    """

    type_name: str
    message: str
    where: str
    retryable: bool
    frames: tuple[str, ...] = ()
    defect: bool = False

    def __str__(self) -> str:
        return f"{self.type_name}: {self.message}" if self.message else self.type_name


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """One call of `progress()`, the `number`-th of its step. Values that are not numbers or None are kept as their type's name."""

    number: int
    loaded: int | float | str | None
    total: int | float | str | None
    loaded_type: str
    total_type: str
    msg_type: str
    has_msg: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Leak:
    """A credential in something that the source let out; `excerpt` shows it masked."""

    channel: str
    secret: str
    encoding: str
    excerpt: str
    where: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModuleFacts:
    """What importing the module gave.

    Attributes:
        stream: what `Stream` is, in words; None: there is none.
        config_findings: what `panoply.config.check_config` says; None: there is no CONFIG.
        read_at: where the source's `read` is defined.
        home: the folder of a package's code, or the file of a module's.
    """

    name: str
    stream: str | None
    stream_is_class: bool
    stream_is_data_source: bool
    overrides_read: bool
    config_findings: tuple[ConfigFinding, ...] | None
    read_at: str = ""
    home: str = ""
    similar_names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One call into the source, and all that it let out meanwhile.

    Attributes:
        number: of its kind, from 1.
        after_eof: how many calls after the one that gave None; 0 for any other.
        seconds: how long it took.
        attributes: after construction: how `.source` and `.options` differ from what was passed.
        progress: the calls of `progress()`: the first of each kind, and some of the others; `progress_count` counts all.
        lines: how many pieces of text were logged, printed or warned.
        leaks: the credentials found in them, the first few.
    """

    kind: Kind
    call: str
    number: int
    seconds: float
    after_eof: int = 0
    batch: Batch | None = None
    raised: Raised | None = None
    attributes: tuple[str, ...] = ()
    progress: tuple[Progress, ...] = ()
    progress_count: int = 0
    lines: int = 0
    leaks: tuple[Leak, ...] = ()

    @property
    def name(self) -> str:
        """What to call it in a message."""
        if self.kind == "read":
            beyond = f", call {self.after_eof} after EOF" if self.after_eof else ""
            return f"read {self.number}{beyond}"
        if self.kind == "close":
            return "the first close()" if self.number == 1 else "the second close()"
        return {"import": "importing the module", "construct": "the constructor"}[self.kind]


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """One run, from import to the second `close()`, or to where it broke off.

    Attributes:
        steps: the calls that came to an end, in order.
        unfinished: the call that did not, "read 3", and `stack`: what it was doing, `stuck_at` which line of the source.
        fate: what became of the process, where it died.
        secrets: labels of the credentials that were looked for; `not_searched`: of those that were not, and why.
    """

    plan: Plan
    end: End
    module: ModuleFacts | None = None
    steps: tuple[Step, ...] = ()
    unfinished: Step | None = None
    stack: tuple[str, ...] = ()
    stuck_at: str = ""
    fate: str = ""
    limit: float = 0.0
    secrets: tuple[str, ...] = ()
    not_searched: tuple[str, ...] = ()

    def of(self, kind: Kind) -> Iterator[Step]:
        """The steps of one kind."""
        return (step for step in self.steps if step.kind == kind)

    @property
    def reads(self) -> tuple[Step, ...]:
        """The calls of `read()` up to and including the one that gave EOF."""
        return tuple(step for step in self.of("read") if not step.after_eof)

    @property
    def batches(self) -> tuple[Step, ...]:
        """The reads that gave something other than None."""
        return tuple(step for step in self.reads if step.batch is not None and not step.batch.is_none)

    @property
    def reached_eof(self) -> bool:
        """Whether a `read()` gave None."""
        return any(step.batch is not None and step.batch.is_none for step in self.reads)

    @property
    def records(self) -> int:
        """How many records there were up to EOF."""
        return sum(step.batch.records for step in self.batches if step.batch is not None)

    def failed_step(self, kind: Kind) -> Step | None:
        """The first step of this kind that raised."""
        return next((step for step in self.of(kind) if step.raised is not None), None)
