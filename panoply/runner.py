"""Collects from a data source the way the platform does: the library behind `panoply run`.

One run drives one source into one sink and comes back with what happened. Where params come from, what a person sees of
the run, and how a sink is opened is decided by the caller.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import MappingProxyType, ModuleType
from typing import Any

from panoply._hiding import known_credentials, masked
from panoply.config import Config, names_a_credential
from panoply.driving import DEFECTS, Driver
from panoply.errors import ConfigError, LoadError, PanoplyException
from panoply.masking import Mask, credentials
from panoply.records import rows
from panoply.sinks import Sink, table_of

__all__ = ["Failure", "Observer", "RunResult", "is_credential", "run"]

# Records asked for in one read(). The platform's own number is not published; sources treat it as a hint.
BATCH_SIZE = 1000

# Seconds before a failed read() is called again. Three more calls are what the platform makes; the pauses give a
# disturbed connection time, and are short enough to be sat out by somebody who watches.
RETRY_PAUSES = (0.5, 1.0, 2.0)


class Observer:
    """Is told about a run while it goes on; extend it and override what is of interest.

    All text arrives masked.
    """

    def log(self, message: str) -> None:
        """The source logged something."""

    def progress(self, loaded: object, total: object, message: str) -> None:
        """The source called `progress()`, with numbers if it does as it should."""

    def batch(self, reads: int, records: int) -> None:
        """A batch is in the sink; that makes so many reads and records by now."""

    def retry(self, error: BaseException, attempt: int, attempts: int, pause: float) -> None:
        """A `read()` raised; after `pause` seconds it is called for the `attempt`-th time, of at most `attempts`."""

    def delivering(self) -> None:
        """The source is done; the sink is waited for."""


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
    """What came of a run.

    Attributes:
        reads: how many calls of `read()` gave a batch.
        records: how many records went into the sink.
        tables: how many of them for each table.
        retries: how many calls of `read()` raised and were made again.
        finished: whether the source was read to its end.
        delivered: whether all that went into the sink has arrived.
        failures: what went wrong, in order; the first one ended the run.
        state: the states that the source reported along with these records, merged: what it may be given as
            `params["state"]` to go on from here. Empty if something was not delivered.
        duration: seconds.
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

    @property
    def ok(self) -> bool:
        """Whether everything was read and delivered, and nothing went wrong, `close()` included."""
        return self.finished and self.delivered and not self.failures

    @property
    def interrupted(self) -> bool:
        """Whether somebody pressed Ctrl-C."""
        return any(isinstance(failure.error, KeyboardInterrupt) for failure in self.failures)

    @property
    def error(self) -> BaseException | None:
        """What ended the run, if it did not come to its end."""
        return self.failures[0].error if self.failures else None


def run(  # noqa: PLR0913 - a run has this many sides, each with a default
    module: ModuleType,
    params: dict[str, Any],
    options: Mapping[str, Any] | None = None,
    *,
    sink: Sink,
    batch_size: int | None = BATCH_SIZE,
    pauses: Sequence[float] = RETRY_PAUSES,
    observer: Observer | None = None,
    mask: Mask | None = None,
    sleep: Callable[[float], object] = time.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> RunResult:
    """Read a source to its end and write its records into `sink`.

    A `read()` that raises is called again on the same object, unless the exception has `retryable = False`. Whatever is
    raised, Ctrl-C and SystemExit included, ends up in the result: the source is closed, and what was read is delivered.

    Args:
        module: the source, with its `Stream`.
        params: what the user chose. The source gets this very dict and may change it.
        options: what the platform offers; a `logger` is added unless there is one, and what hears of declared credentials.
        sink: an open one; it is flushed, and stays open.
        batch_size: what `read()` is called with.
        pauses: seconds to wait before a failed `read()` is called again, one for each further call.
        observer: is told what happens.
        mask: the credentials among params and options, and those that the source obtains, are added to it.
        sleep: how to wait.
        clock: how to tell the time.

    Raises:
        LoadError: the module has no `Stream`.
    """
    stream_class = getattr(module, "Stream", None)
    if not callable(stream_class):
        raise LoadError(f"{module.__name__} has no Stream: a data source module exposes a class of that name.")
    running = _Run(
        module=module,
        params=params,
        sink=sink,
        observer=observer or Observer(),
        mask=Mask() if mask is None else mask,
        secret=is_credential(module),
    )
    options = {} if options is None else dict(options)
    if options.get("logger") is None:
        options["logger"] = running.log
    options["hide"] = running.hide(options.get("hide"))
    running.learn()
    running.mask.add(credentials(options, running.secret))
    started = clock()
    with Driver() as driver:
        running.collect(driver, lambda: stream_class(params, options), batch_size, pauses, sleep)
    running.deliver()
    return running.result(clock() - started)


def is_credential(module: ModuleType) -> Callable[[str], bool]:
    """Whether a param or option of this name holds a credential: CONFIG marks it, or its name says so."""
    try:
        marked = {param.name for param in Config.parse(getattr(module, "CONFIG", None)).params if param.is_credential}
    except ConfigError:
        marked = set()
    # What `options["refresh"]` holds exists to obtain tokens.
    return lambda name: name in marked or name == "refresh" or names_a_credential(name)


class _TakenAndLost(PanoplyException):
    """A source has come to its end by a mistake."""


@dataclass(slots=True, kw_only=True)
class _Run:
    module: ModuleType
    params: dict[str, Any]
    sink: Sink
    observer: Observer
    mask: Mask
    secret: Callable[[str], bool]
    reads: int = 0
    retries: int = 0
    finished: bool = False
    delivered: bool = False
    failures: list[Failure] = field(default_factory=list)
    doing: str = ""
    before: Mapping[str, int] = field(default_factory=dict)
    reported_state: dict[str, Any] = field(default_factory=dict)
    safe_state: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.before = dict(self.sink.written)

    def collect(
        self,
        driver: Driver,
        construct: Callable[[], Any],
        batch_size: int | None,
        pauses: Sequence[float],
        sleep: Callable[[float], object],
    ) -> None:
        """Construct the source, read it to its end, close it. Raises nothing."""
        stream = None
        with self._noting("constructing Stream"):
            stream = construct()
        if stream is None:
            return
        with self._noting("subscribing to its events"):
            stream.on("progress", self._on_progress)
            stream.on("source-change", self._on_change)
            stream.on("source-state", self._on_state)
        with self._noting("reading"):  # for a Ctrl-C that comes between two steps
            for batch in self._batches(driver, stream, batch_size, pauses, sleep):
                with self._noting("writing records"):
                    self._write(batch)
                    self.observer.batch(self.reads, self._records())
        with self._noting("close()"):
            driver.call(stream.close)
        with self._noting("closing its event loop"):
            driver.close()

    def deliver(self) -> None:
        """Wait for the sink. Raises nothing."""
        with self._noting("delivering records"):
            self.observer.delivering()
            self.sink.flush()
            self.delivered = True

    def result(self, duration: float) -> RunResult:
        return RunResult(
            reads=self.reads,
            records=self._records(),
            tables=MappingProxyType(self._tables()),
            retries=self.retries,
            finished=self.finished,
            delivered=self.delivered,
            failures=tuple(self.failures),
            state=MappingProxyType(self.safe_state if self.delivered else {}),
            duration=duration,
        )

    def log(self, *msgs: object) -> None:
        """What the source gets as `options["logger"]`; it is called with one tuple."""
        parts = msgs[0] if len(msgs) == 1 and isinstance(msgs[0], tuple) else msgs
        self.learn()
        self.observer.log(" ".join(map(str, masked(parts, self.mask))))

    def hide(self, theirs: Callable[[str], object] | None) -> Callable[[str], object]:
        """What the source gets as `options["hide"]`, in front of the one that there may be.

        Rather than an event, which everybody would hear; and as soon as it is known, also if the constructor then fails.
        """

        def hide(secret: str) -> None:
            self.mask.add([secret])
            if theirs is not None:
                theirs(secret)

        return hide

    @contextmanager
    def _noting(self, doing: str) -> Iterator[None]:
        self.doing = doing
        try:
            yield
        except BaseException as exc:  # noqa: BLE001 - Ctrl-C and SystemExit too must not keep the source from being closed
            self.learn()
            self.failures.append(Failure(during=self.doing, error=exc))

    def _batches(
        self,
        driver: Driver,
        stream: Any,
        batch_size: int | None,
        pauses: Sequence[float],
        sleep: Callable[[float], object],
    ) -> Iterator[list[dict[str, Any]]]:
        while not self.finished and not self.failures:
            batch = None
            with self._noting(f"read() number {self.reads + 1}"):
                batch = self._read(driver, stream, batch_size, pauses, sleep)
                if batch is None:
                    self.finished = True
                else:
                    _check(batch)
                    self.reads += 1
            if batch is not None and not self.failures:
                yield batch

    def _read(
        self,
        driver: Driver,
        stream: Any,
        batch_size: int | None,
        pauses: Sequence[float],
        sleep: Callable[[float], object],
    ) -> Any:
        """One batch, after as many calls as it takes."""
        failed: Exception | None = None
        for attempt, pause in enumerate(pauses, start=2):
            try:
                return self._believed(driver.call(stream.read, batch_size), failed)
            except _TakenAndLost:
                raise
            except Exception as exc:
                if getattr(exc, "retryable", True) is False:
                    raise
                failed = exc
                self.learn()
                self.retries += 1
                self.observer.retry(exc, attempt, len(pauses) + 1, pause)
                sleep(pause)
        return self._believed(driver.call(stream.read, batch_size), failed)

    def _believed(self, batch: Any, failed: Exception | None) -> Any:
        """What `read()` gave, unless it claims to be at its end right after a mistake of its own.

        A source that moves its position before it fails has records in hand that nobody will see again.
        """
        if batch is not None or failed is None:
            return batch
        if isinstance(failed, DEFECTS):
            raise _TakenAndLost(
                f"read() raised {type(failed).__name__} and, called again, gave None: what it had already taken is lost. "
                "Mend what it raised, and move the position only after everything that can fail.",
                retryable=False,
            ) from failed
        self.observer.log(
            "read() failed and, called again, was at its end. Had it already taken records in hand, they are lost: "
            "move the position only after everything that can fail."
        )
        return None

    def _write(self, batch: list[dict[str, Any]]) -> None:
        default = self.module.__name__.rpartition(".")[2]
        for index, item in enumerate(batch):
            try:
                for resource, row in rows(item):
                    self.sink.write(table_of(row, self.params, default, resource), row)
            except PanoplyException:
                self.doing = f"item {index} of the batch of read() number {self.reads}"
                raise
        # A state says that these records need not be read again.
        self.safe_state.update(self.reported_state)
        self.reported_state.clear()

    def _on_progress(self, data: Any) -> None:
        message = data.get("msg")
        self.observer.progress(
            data.get("loaded"), data.get("total"), self.mask.apply("" if message is None else str(message))
        )

    def _on_change(self, data: Any) -> None:
        # The event exists to carry new tokens, under names that are the source's own affair: all that is new in it counts.
        known = credentials({"params": self.params}, lambda _: True)
        fresh = credentials({"change": data}, lambda _: True)
        self.mask.add(credentials(data if isinstance(data, Mapping) else {}, self.secret) | (fresh - known))

    def _on_state(self, data: Any) -> None:
        # Copied: some sources go on changing the dict that they reported.
        self.reported_state.update(copy.deepcopy(data["state"]))

    def learn(self) -> None:
        """Hide the tokens that the source has put among its params by now."""
        self.mask.add(credentials(self.params, self.secret))
        self.mask.add(known_credentials(self.params, getattr(self.module, "CONFIG", None)))

    def _tables(self) -> dict[str, int]:
        counts = {table: count - self.before.get(table, 0) for table, count in self.sink.written.items()}
        return {table: count for table, count in counts.items() if count}

    def _records(self) -> int:
        return sum(self._tables().values())


def _check(batch: object) -> None:
    if not isinstance(batch, list):
        hint = ""
        if hasattr(batch, "__next__") or hasattr(batch, "__anext__"):
            hint = " A read() that says `yield` gives no batch when it is called: collect the records in a list and return that."
        elif isinstance(batch, dict):
            hint = " Wrap it in a list: one record is a batch of one."
        raise PanoplyException(
            f"read() gave {_a(batch)}; expected a list of dicts, or None when there is nothing left.{hint}",
            retryable=False,
        )
    for index, item in enumerate(batch):
        if not isinstance(item, dict):
            raise PanoplyException(f"Item {index} of the batch is {_a(item)}; expected a dict.", retryable=False)


def _a(value: object) -> str:
    name = "None" if value is None else type(value).__name__
    return name if value is None else f"an {name}" if name[0] in "aeiouAEIOU" else f"a {name}"
