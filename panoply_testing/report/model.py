"""What a test session came to, as one frozen value: the only thing that tables and report files are written from.

Nothing here knows pytest. Its JSON form is what `--panoply-report=FILE.json` writes, and what `report.schema.json`
describes; it is also how results travel between the processes of a session.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, is_dataclass
from typing import TYPE_CHECKING, Any, Final, Literal, Self, TypeVar, get_args

from panoply_testing.dealings import Column, File, Host, Program, Table
from panoply_testing.findings import Finding

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from panoply_testing.checks import Level

__all__ = [
    "OUTCOMES",
    "SCHEMA_ID",
    "VERSION",
    "CheckResult",
    "Outcome",
    "ReadFacts",
    "RunFacts",
    "SensorResult",
    "SessionReport",
    "SourceReport",
    "alike",
    "as_json",
    "from_json",
]

# Of the JSON form. It is raised when something in it is taken away or changes its meaning; what is added changes nothing
# for a reader who passes over what he does not know.
VERSION: Final = 1

SCHEMA_ID: Final = "https://panoply.io/schemas/test-report/v1.json"

Outcome = Literal["failed", "error", "warned", "known issue", "skipped", "passed", "not run"]

# What wants to be looked at first comes first.
OUTCOMES: Final[tuple[Outcome, ...]] = get_args(Outcome)

_JUDGED: Final = frozenset({"passed", "failed", "warned", "known issue"})

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadFacts:
    """One call of `read()`.

    Attributes:
        at: seconds of the source's own time before it, counted from the first read.
        seconds: how long it took; `waited`: how long it would have taken longer, had its waits been waited for.
        records: how many it gave; None: it gave no batch (the end, or it raised).
        loaded: as its last call of `progress()` has them, where those are numbers; `total`: likewise.
        raised: the exception, "TypeName: message". Empty: none.
    """

    number: int
    at: float
    seconds: float
    waited: float = 0.0
    records: int | None = None
    loaded: int | float | None = None
    total: int | float | None = None
    raised: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFacts:
    """One run of a source.

    Attributes:
        about: what it was for. `end`: how it ended, in words.
        reads: its reads, at most 500 of them, chosen evenly, the extremes among them; `read_count` counts all.
        operations: how many operations on the network there were; `faults`: how many of them met an injected fault.
        seconds: how long it took; `waited`: what would have been waited for.
        tables: which tables its records go into. `hosts`: whom it spoke to. `files`: what it did with files of its own accord.
            `programs`: what it started. Only of the run from start to end.
    """

    about: str
    end: str
    reads: tuple[ReadFacts, ...] = ()
    read_count: int = 0
    records: int = 0
    operations: int = 0
    faults: int = 0
    seconds: float = 0.0
    waited: float = 0.0
    tables: tuple[Table, ...] = ()
    hosts: tuple[Host, ...] = ()
    files: tuple[File, ...] = ()
    programs: tuple[Program, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SensorResult:
    """What the kit's probe of itself found: of so much that was planted for a sensor, so much was heard."""

    name: str
    planted: int
    heard: int
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult:
    """What became of one check.

    Attributes:
        outcome: `error` is for fixtures that fail, `not run` for a check that was not chosen or that the session's end
            came before.
        looked_at: what a verdict rests on, as in "12 reads".
        reason: why it was skipped, is a known issue, or failed without a finding.
        again: the command that repeats just this.
    """

    name: str
    level: Level
    outcome: Outcome
    rule: str = ""
    why: str = ""
    looked_at: str = ""
    reason: str = ""
    findings: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()
    again: str = ""
    seconds: float = 0.0

    @property
    def gist(self) -> str:
        """The one thing to know about it: what was found, or else the reason."""
        if self.findings and self.outcome != "known issue":
            return self.findings[0].gist
        return self.reason or (self.findings[0].gist if self.findings else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceReport:
    """What became of one source: all checks of the contract, in its order.

    Attributes:
        name: the module's, or the id of the test class that stands for it.
        seed: by which what is random in its runs can be had again; None: nothing was.
        probe: what the kit found out about its own sensors, before it trusted them.
    """

    name: str
    seed: int | None = None
    checks: tuple[CheckResult, ...] = ()
    runs: tuple[RunFacts, ...] = ()
    probe: tuple[SensorResult, ...] = ()

    def of(self, outcome: Outcome) -> tuple[CheckResult, ...]:
        """The checks with this outcome."""
        return tuple(check for check in self.checks if check.outcome == outcome)

    def count(self, outcome: Outcome, level: Level | None = None) -> int:
        """How many checks have this outcome, among those of one level or among all."""
        return sum(level in (None, check.level) for check in self.of(outcome))

    @property
    def judged(self) -> int:
        """How many checks came to a verdict."""
        return sum(check.outcome in _JUDGED for check in self.checks)


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionReport:
    """What became of a whole session. `started` is a time as ISO 8601 writes it, `duration` a number of seconds."""

    kit_version: str
    python: str
    platform: str
    started: str
    duration: float
    sources: tuple[SourceReport, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """What JSON can say of it: all."""
        return {"version": VERSION, **as_json(self)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """Take in what `to_json` gave; what it does not know, it passes over.

        Raises:
            ValueError: it is of a version that this kit does not know.
        """
        if data.get("version") != VERSION:
            raise ValueError(
                f"This report has version {data.get('version')!r}, and this kit reads version {VERSION}. "
                f"Read it with the kit that wrote it: {data.get('kit_version', 'it does not say which')}."
            )
        return from_json(cls, data)


def alike(checks: Iterable[CheckResult]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The reasons that checks have, each with the names of all that have it."""
    found: dict[str, list[str]] = {}
    for check in checks:
        found.setdefault(check.reason, []).append(check.name)
    return tuple((reason, tuple(names)) for reason, names in found.items())


# The fields that hold values of their own.
_PARTS: Final[dict[type, dict[str, type]]] = {
    SessionReport: {"sources": SourceReport},
    SourceReport: {"checks": CheckResult, "runs": RunFacts, "probe": SensorResult},
    CheckResult: {"findings": Finding},
    RunFacts: {"reads": ReadFacts, "tables": Table, "hosts": Host, "files": File, "programs": Program},
    Table: {"columns": Column},
}


def as_json(value: Any) -> Any:
    """One of these values as dicts, lists, texts and numbers."""
    if is_dataclass(value):
        return {each.name: as_json(getattr(value, each.name)) for each in fields(value)}
    return [as_json(each) for each in value] if isinstance(value, tuple) else value


def from_json(cls: type[T], data: Mapping[str, Any]) -> T:
    """The value that `as_json` was given."""
    parts = _PARTS.get(cls, {})
    known = {each.name for each in fields(cls)} & data.keys()  # type: ignore[arg-type]
    return cls(**{name: _value(parts.get(name), data[name]) for name in known})


def _value(part: type | None, value: Any) -> Any:
    if not isinstance(value, list):
        return value
    return tuple(value) if part is None else tuple(from_json(part, each) for each in value)
