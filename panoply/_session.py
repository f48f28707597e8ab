"""One run between its beginning and its result: has the source, or its parts, read, waits for the sink, closes it, keeps the
state, and puts together what came of it.

What a run consists of is put together by `runner`.
"""

from __future__ import annotations

import os
import pickle
import signal
import sys
from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from panoply._engine_local import LocalEngine
from panoply._interrupts import Terminated
from panoply._ledger import WHOLE
from panoply._run_result import DELIVERING, Failure, RunResult, Stopped
from panoply._source_code import archive
from panoply._split_run import LOCAL_OPTIONS, SplitRun
from panoply._stuck import watching
from panoply.errors import LoadError, PanoplyException, ParamsError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from panoply._engines import Engine
    from panoply._ledger import Ledger
    from panoply._reading import Reading

__all__ = ["Session"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Outcome:
    """How reading ended.

    Attributes:
        parts: of a split run, the same for each part that was read.
    """

    finished: bool
    stopped: Stopped | None
    reads: int
    retries: int
    failures: tuple[Failure, ...]
    parts: Mapping[str, _Outcome] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """All that takes part in a run.

    Attributes:
        reading: the source; of a split run, what all of its parts have in common.
        ledger: the books, open.
        close: closes the sink, if this run has opened it; is told whether what it got is complete.
        parts: the params of each part, by its value.
        split, workers, engine: how it is split, and where the parts are read.
        elapsed: seconds since the beginning.
    """

    reading: Reading
    ledger: Ledger
    close: Callable[[bool], object]
    parts: Mapping[str, dict[str, Any]]
    split: str | None
    workers: int | None
    engine: str | None
    elapsed: Callable[[], float]

    def collect(self, stuck: Callable[[RunResult, int], object] | None) -> RunResult:
        """Read everything, and deliver it."""
        if self.split is not None:
            return self._result(self._read_parts())
        with ExitStack() as stack:
            if stuck is not None:

                def give_up(number: int) -> None:
                    stuck(self._result(self._left_behind(number)), number)

                stack.enter_context(watching(self.reading.calls, self.reading.observer.warning, give_up))
            return self._result(self._read_whole())

    def _read_whole(self) -> _Outcome:
        reading, ledger = self.reading, self.ledger
        reading.collect(partial(ledger.take, naming=reading.naming))
        if reading.finished:
            ledger.end()
        full = ledger.full and not reading.finished and not reading.failures
        return _Outcome(
            finished=reading.finished,
            stopped="limit" if full else reading.stopped,
            reads=reading.reads,
            retries=reading.retries,
            failures=tuple(reading.failures),
        )

    def _left_behind(self, number: int) -> _Outcome:
        """How it ended with a source that could not be interrupted by the signal of this number."""
        reading = self.reading
        told = PanoplyException("It waits in code that cannot be interrupted. It was left behind, and not closed.")
        failures = [*reading.failures, Failure(during=reading.doing, error=told)]
        timed_out = number == signal.SIGALRM
        if not timed_out:
            interrupt = KeyboardInterrupt() if number == signal.SIGINT else Terminated(number)
            failures.append(Failure(during=reading.doing, error=interrupt))
        return _Outcome(
            finished=False,
            stopped="timeout" if timed_out else None,
            reads=reading.reads,
            retries=reading.retries,
            failures=tuple(failures),
        )

    def _read_parts(self) -> _Outcome:
        reading, ledger = self.reading, self.ledger
        _check_can_travel(reading)
        chosen = _engine(self.engine, self.workers, len(self.parts))
        try:
            running = SplitRun(
                module=reading.module.__name__,
                path=tuple(sys.path),
                code=archive(reading.module) if chosen.remote else None,
                parts=self.parts,
                options=reading.options,
                batch_size=reading.batch_size,
                pauses=tuple(reading.pauses),
                deadline=reading.deadline,
                stopping=reading.stopping,
                observer=reading.observer,
                mask=reading.mask,
                ledger=ledger,
                engine=chosen,
            )
            running.collect()
        finally:
            chosen.close()
        ended = running.ended
        return _Outcome(
            finished=running.finished,
            stopped=running.stopped,
            reads=ledger.reads,
            retries=sum(each.retries for each in ended.values()),
            failures=(*running.failures, *(failure for each in running.part_failures.values() for failure in each)),
            parts={
                key: _Outcome(
                    finished=ledger.parts[key].done,
                    stopped=None if ledger.parts[key].done else running.stopped,
                    reads=ended[key].reads if key in ended else 0,
                    retries=ended[key].retries if key in ended else 0,
                    failures=tuple(running.part_failures.get(key, ())),
                )
                for key in self.parts
            },
        )

    def _result(self, outcome: _Outcome) -> RunResult:
        """Deliver what was read, close the sink, and put together what came of it all."""
        ledger = self.ledger
        failures = list(outcome.failures)
        delivered = _noted(failures, DELIVERING, self._deliver)
        complete = outcome.finished or outcome.stopped == "limit"
        delivered = _noted(failures, DELIVERING, partial(self.close, complete)) and delivered
        if delivered:
            delivered = _noted(failures, "keeping the state", partial(ledger.closed, complete=complete))
        results = {key: self._part(key, outcome.parts[key], delivered=delivered) for key in outcome.parts}
        states = {key: each.state for key, each in results.items()}
        return RunResult(
            reads=outcome.reads,
            records=ledger.records,
            tables=MappingProxyType(ledger.tables()),
            retries=outcome.retries,
            finished=outcome.finished,
            delivered=delivered,
            failures=tuple(failures),
            state=MappingProxyType(ledger.parts[WHOLE].delivered if self.split is None else states),
            duration=self.elapsed(),
            stopped=outcome.stopped,
            summaries=ledger.sink.summaries(),
            parts=MappingProxyType(results),
        )

    def _deliver(self) -> None:
        self.reading.observer.delivering()
        self.ledger.checkpoint()

    def _part(self, key: str, outcome: _Outcome, *, delivered: bool) -> RunResult:
        part = self.ledger.parts[key]
        return RunResult(
            reads=outcome.reads,
            records=part.tables.total(),
            tables=MappingProxyType(dict(part.tables)),
            retries=outcome.retries,
            finished=outcome.finished,
            delivered=delivered,
            failures=outcome.failures,
            state=MappingProxyType(part.delivered),
            duration=self.elapsed(),
            stopped=outcome.stopped,
        )


def _check_can_travel(reading: Reading) -> None:
    """Refuse what other processes cannot be given.

    Raises:
        LoadError: the source cannot be imported there.
        ParamsError: a param or an option cannot be sent there.
    """
    if getattr(reading.module, "__file__", None) is None:
        raise LoadError(
            f"{reading.module.__name__} has no file: the parts of a run are read in processes of their own, which import it anew."
        )
    options = {name: value for name, value in reading.options.items() if name not in LOCAL_OPTIONS}
    for kind, values in (("param", reading.params), ("option", options)):
        for name, value in values.items():
            try:
                pickle.dumps(value)
            except Exception:  # noqa: BLE001 - whatever it is, its message may quote the value
                raise ParamsError(
                    f"The {kind} {name!r} cannot be given to the processes that read the parts of a run: it is, or holds, "
                    f"something that cannot be pickled ({type(value).__name__})."
                ) from None


def _engine(engine: str | None, workers: int | None, parts: int) -> Engine:
    if engine is None:
        return LocalEngine(min(parts, workers or os.cpu_count() or 1))
    scheme, _, address = engine.partition("://")
    if scheme != "dask" or not address:
        raise ParamsError(f"There is no engine {engine!r}. A Dask cluster is named by its scheduler: dask://HOST:PORT.")
    if workers is not None:
        raise ParamsError("A Dask cluster has the workers that it has: either workers are chosen, or an engine.")
    from panoply._engine_dask import DaskEngine  # noqa: PLC0415 - an extra

    return DaskEngine(address)


def _noted(failures: list[Failure], during: str, work: Callable[[], object]) -> bool:
    """Do it; note what it raises, Ctrl-C too; whether it raised nothing."""
    try:
        work()
    except BaseException as exc:  # noqa: BLE001 - reported with the rest
        failures.append(Failure(during=during, error=exc))
        return False
    return True
