"""What a run of a source let out, recorded as one frozen value: the only thing that checks look at.

Nothing here runs anything. Texts in it are masked already, and records are not kept, only what was found out about
them, so that the value stays small however much the source reads.
"""

from __future__ import annotations

from array import array
from collections import Counter
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Literal

from panoply.constants import MAXSIZE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from panoply.config import ConfigFinding
    from panoply_testing._config_facts import CredentialParam, IconFacts, ParamFacts, ValuesFacts
    from panoply_testing._redirects import Redirected
    from panoply_testing.dealings import Dealings
    from panoply_testing.faults import Hit, Operation
    from panoply_testing.footprints import Trace
    from panoply_testing.plans import Plan

__all__ = [
    "LARGEST_RECORD",
    "PRINT",
    "Batch",
    "End",
    "Leak",
    "LeakKind",
    "ModuleFacts",
    "Observation",
    "Progress",
    "Raised",
    "RecordProblem",
    "Shown",
    "StateFacts",
    "Step",
]

Kind = Literal["import", "construct", "read", "close", "values", "end"]

# Through what a source lets something out; one check looks at each of them.
LeakKind = Literal["log", "progress", "error", "state", "record", "process", "repr", "file"]

# The type code of an array of fingerprints: 8 bytes each, signed, as hash() gives them.
PRINT = "q"

# Bytes of a record as the SDK encodes it: it alone has to fit into a message.
LARGEST_RECORD = MAXSIZE


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
        too_large: index and bytes of records that no message can carry, the first few; `too_large_count` counts all.
        prints: the fingerprints of the records, an array of PRINT as bytes: equal records have equal ones, in all runs.
        same_as: the number of the read that gave this very list object before.
        changed: numbers of earlier reads whose batches have changed by now.
        stateless: index of a record that does not carry one of the ids reported in this read, and what it carries;
            `stateless_count` counts all. Only where this read reported state.
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
    too_large: tuple[tuple[int, int], ...] = ()
    too_large_count: int = 0
    prints: bytes = b""
    same_as: int = 0
    changed: tuple[int, ...] = ()
    stateless: tuple[tuple[int, str], ...] = ()
    stateless_count: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Raised:
    """An exception that left the source.

    Attributes:
        where: the innermost line of the source's own code, "acme/source.py:41 in read".
        retryable: what the exception says of itself; True where it says nothing.
        frames: its traceback, innermost last, without the kit's own lines.
        defect: whether it speaks of a mistake in the code (KeyError, SystemExit ...) rather than of a far end that failed.
        of_token: whether it is how the SDK's own `validate_token` ends that could not have a token refreshed.
    """

    type_name: str
    message: str
    where: str
    retryable: bool
    frames: tuple[str, ...] = ()
    defect: bool = False
    of_token: bool = False

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
class StateFacts:
    """One call of `state()`, the `number`-th of its run.

    Attributes:
        state_id: as it was reported, shortened; a name of its type where it is no text.
        id_problem: what is wrong with the id: of another type, empty, or reported before. Empty: nothing.
        problem: why the state is no JSON. Empty: it is.
    """

    number: int
    state_id: str
    id_problem: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A record as a message may show it: where it was read, and its values, shortened, masked, or by their types."""

    number: int
    read: int
    index: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Leak:
    """A credential in something that the source let out; `excerpt` shows it masked.

    Attributes:
        channel: in words, "logging (acme.http)".
        at: where in what a read() gave, 'record 3: record["a"]'; empty: elsewhere, or it cannot be told.
    """

    kind: LeakKind
    channel: str
    secret: str
    encoding: str
    excerpt: str
    where: str = ""
    at: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ModuleFacts:
    """What importing the module gave.

    Attributes:
        stream: what `Stream` is, in words; None: there is none.
        config_findings: what `panoply.config.check_config` says; None: there is no CONFIG.
        read_at: where the source's `read` is defined.
        home: the folder of a package's code, or the file of a module's.
        params: the params of CONFIG; None: there is no CONFIG that is valid. Only of a run from start to end.
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
    icon: IconFacts | None = None
    credential_params: tuple[CredentialParam, ...] = ()
    params: tuple[ParamFacts, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One call into the source, and all that it let out meanwhile.

    Attributes:
        number: of its kind, from 1.
        after_eof: how many calls after the one that gave None; 0 for any other.
        seconds: how long it took.
        attributes: after construction: how `.source` and `.options` differ from what was passed.
        copied: after construction: whether `.source` is another dict than the one that was passed.
        progress: the calls of `progress()`: the first of each kind, and some of the others; `progress_count` counts all.
        went_back: the first time that `loaded` was less than before: that call's number, what it was before, and then.
        last_progress: the last call of `progress()`.
        searched: how many texts of each kind were looked through for credentials.
        leaks: the credentials found in them, the first few of each kind.
        logged: how many times the source called `log()` or `logging`.
        instance: which instance of the source it was done with, from 1.
        waited: seconds that the source wanted to wait and was not waited for, in `waits` times.
        operations: what it did on the network, the first ones; `operation_count` counts all.
        hits: how many operations met the fault that the plan asks for.
    """

    kind: Kind
    call: str
    number: int
    seconds: float
    after_eof: int = 0
    batch: Batch | None = None
    raised: Raised | None = None
    attributes: tuple[str, ...] = ()
    copied: bool = False
    progress: tuple[Progress, ...] = ()
    progress_count: int = 0
    went_back: tuple[int, int | float, int | float] | None = None
    last_progress: Progress | None = None
    states: tuple[StateFacts, ...] = ()
    searched: tuple[tuple[LeakKind, int], ...] = ()
    leaks: tuple[Leak, ...] = ()
    logged: int = 0
    instance: int = 1
    waited: float = 0.0
    waits: int = 0
    operations: tuple[Operation, ...] = ()
    operation_count: int = 0
    hits: int = 0

    @property
    def name(self) -> str:
        """What to call it in a message."""
        if self.kind == "read":
            beyond = f", call {self.after_eof} after EOF" if self.after_eof else ""
            return f"read {self.number}{beyond}"
        if self.kind == "close":
            return "the first close()" if self.number == 1 else "the second close()"
        names = {
            "import": "importing the module",
            "construct": "the constructor",
            "values": self.call,
            "end": "after the last close()",
        }
        return names[self.kind]

    def searches(self, kind: LeakKind) -> int:
        """How many texts of this kind were looked through."""
        return sum(number for each, number in self.searched if each == kind)


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """One run, from import to the second `close()`, or to where it broke off.

    Attributes:
        steps: the calls that came to an end, in order.
        unfinished: the call that did not, "read 3", and `stack`: what it was doing, `stuck_at` which line of the source.
        fate: what became of the process, where it died.
        reason: why the kit ended a run that would never have ended, in words.
        secrets: labels of the credentials that were looked for; `not_searched`: of those that were not, and why.
        hits: the operations that met the fault, the first few.
        shown: the records that the plan wanted to be shown.
        columns: for each column, a number that is the same in two runs whose records have the same values there.
        unseen: addresses of connections that were made outside of Python's sockets.
        reroute: why they cannot be led through a proxy, in words. Empty: they can, or there are none.
        rerouted: the params by which they can be, or were.
        changes: how params and options differ, after the run, from what the user chose: paths, in words.
        imported: what importing the module did to the process; `saw_import`: whether that could be seen.
        left: what was left after the last `close()`.
        libraries: modules of Python's and of installed packages that it imported; none where one of them started threads.
        unwatched: what kept the kit from seeing all that the source did to its process; empty if nothing did.
        seconds: how long the run took.
        dealings: what it had to do with the world; only of a run from start to end.
        redirected: what came of the redirect that the plan asks for; None: the request was not sent.
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
    reason: str = ""
    secrets: tuple[str, ...] = ()
    not_searched: tuple[str, ...] = ()
    hits: tuple[Hit, ...] = ()
    shown: tuple[Shown, ...] = ()
    columns: tuple[tuple[str, int], ...] = ()
    unseen: tuple[str, ...] = ()
    reroute: str = ""
    rerouted: tuple[str, ...] = ()
    changes: tuple[str, ...] = ()
    imported: tuple[Trace, ...] = ()
    saw_import: bool = True
    left: tuple[Trace, ...] = ()
    libraries: tuple[str, ...] = ()
    unwatched: str = ""
    seconds: float = 0.0
    values: tuple[ValuesFacts, ...] = ()
    dealings: Dealings | None = None
    redirected: Redirected | None = None

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

    def prints(self, instance: int | None = None) -> Counter[int]:
        """How often each record came, by its fingerprint: from one instance, or from all."""
        found: Counter[int] = Counter()
        for step in self.of("read"):
            if step.batch is not None and not step.after_eof and instance in (None, step.instance):
                found.update(array(PRINT, step.batch.prints))
        return found

    @property
    def operations(self) -> tuple[Operation, ...]:
        """What the source did on the network, in order; of a long run the first part."""
        return tuple(operation for step in self.steps for operation in step.operations)

    def failed_step(self, kind: Kind) -> Step | None:
        """The first step of this kind that raised."""
        return next((step for step in self.of(kind) if step.raised is not None), None)
