"""What comes of a run, as values: which records went where, how far the source got, and what went wrong."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from panoply.sinks import TableSummary

__all__ = ["DELIVERING", "Failure", "RunResult", "Stopped"]

# What is done when a run has been read.
DELIVERING: Final = "delivering records"

# Why a source was not read to its end although nothing went wrong.
Stopped = Literal["limit", "timeout"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """One thing that went wrong.

    Attributes:
        during: what was being done, as the middle of a sentence: `read() number 3`, `close()`, `delivering records`.
        error: what was raised. Its message may hold credentials: pass it through the run's mask before showing it.
    """

    during: str
    error: BaseException


@dataclass(frozen=True, slots=True, kw_only=True)
class RunResult:
    """What came of a run, or of one part of a run that was split.

    Attributes:
        reads: how many calls of `read()` gave a batch.
        records: how many records went into the sink.
        tables: how many of them for each table.
        retries: how many calls of `read()` raised and were made again.
        finished: whether the source was read to its end.
        delivered: whether all that went into the sink has arrived.
        failures: what went wrong, in order; the first one ended the run.
        state: what the source may be given as `params["state"]` to go on from here: the state that it was given, with those
            merged into it that it reported along with records that were delivered. Of a split run: one for each part.
        duration: seconds.
        stopped: why it was not read to its end although nothing went wrong: the `limit` was reached, the `timeout` was over.
        summaries: what became of each table, as far as the target can tell.
        parts: of a split run, what came of each part, by the value that it was made for.
    """

    reads: int
    records: int
    tables: Mapping[str, int]
    retries: int
    finished: bool
    delivered: bool
    failures: tuple[Failure, ...]
    state: Mapping[str, Any]
    duration: float
    stopped: Stopped | None = None
    summaries: tuple[TableSummary, ...] = ()
    parts: Mapping[str, RunResult] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether everything that was asked for was read and delivered, and nothing went wrong, `close()` included."""
        return (self.finished or self.stopped == "limit") and self.delivered and not self.failures

    @property
    def interrupted(self) -> bool:
        """Whether somebody pressed Ctrl-C."""
        return any(isinstance(failure.error, KeyboardInterrupt) for failure in self.failures)

    @property
    def error(self) -> BaseException | None:
        """What ended the run, if it did not come to its end."""
        return self.failures[0].error if self.failures else None
