"""A run whose parts are read side by side, and written by one: it starts them, takes what they send, and goes on where one is
lost.

Where they are read is the engine's affair, what becomes of rows and states the ledger's.
"""

from __future__ import annotations

import copy
import time
from collections import Counter, deque
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from panoply._interrupts import uninterrupted
from panoply._part_wire import (
    Began,
    Ended,
    Job,
    Learnt,
    Logged,
    Lost,
    Message,
    Progressed,
    Retried,
    Rows,
    Said,
    unpacked,
)
from panoply._portions import Portion
from panoply._run_result import Failure, Stopped
from panoply._splitting import Sum
from panoply.errors import PanoplyException

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from panoply._engines import Engine, Envelope
    from panoply._interrupts import Deadline
    from panoply._ledger import Ledger
    from panoply._observer import Observer
    from panoply.masking import Mask

__all__ = ["LOCAL_OPTIONS", "SplitRun"]

# Options that are functions of this process alone; whoever reads a part gets others in their place.
LOCAL_OPTIONS: Final = frozenset({"logger", "hide"})

# How often a part is begun again whose reader was lost.
_AGAIN: Final = 3

# Seconds between two looks at the clock while nobody says anything.
_LOOK: Final = 0.5

# Seconds that parts have to close their sources, once the run is to be over.
_GRACE: Final = 15.0


class _PartFailed(PanoplyException):
    """What was raised in another process, as text; masked."""


@dataclass(slots=True, kw_only=True)
class SplitRun:
    """The parts of one run.

    Attributes:
        module: the source's name. `path`, `code`: where others find it.
        parts: the params of each part.
        engine: reads them.
        ledger: takes the rows.
    """

    module: str
    path: tuple[str, ...]
    code: bytes | None
    parts: Mapping[str, dict[str, Any]]
    options: Mapping[str, Any]
    batch_size: int | None
    pauses: tuple[float, ...]
    deadline: Deadline
    stopping: Callable[[], bool]
    observer: Observer
    mask: Mask
    ledger: Ledger
    engine: Engine
    ended: dict[str, Ended] = field(default_factory=dict)
    failures: list[Failure] = field(default_factory=list)
    part_failures: dict[str, list[Failure]] = field(default_factory=dict)
    stopped: Stopped | None = None
    _waiting: deque[str] = field(default_factory=deque)
    _attempts: dict[str, str] = field(default_factory=dict)
    _running: set[str] = field(default_factory=set)
    _lost: Counter[str] = field(default_factory=Counter)
    _over: float | None = None
    _taking: bool = True

    def collect(self) -> None:
        """Read all parts that are not done. Raises nothing."""
        done = {key for key in self.parts if self.ledger.parts[key].done}
        self._waiting.extend(key for key in self.parts if key not in done)
        sums = Sum(self.parts)
        for key in done:
            sums.done(key)
        while self._waiting or self._running:
            with self._noting("reading the parts"):
                self._step(sums)
            if (self.failures or self.stopped) and self._over is None:
                self._over = time.monotonic() + _GRACE
                self._waiting.clear()
                with self._noting("ending the parts"):
                    self.engine.stop()
            if self._over is not None and time.monotonic() > self._over:
                break
        with self._noting("ending the parts"):
            self.engine.close()

    @property
    def finished(self) -> bool:
        """Whether all parts were read to their ends."""
        return all(self.ledger.parts[key].done for key in self.parts)

    @contextmanager
    def _noting(self, doing: str) -> Iterator[None]:
        try:
            yield
        except BaseException as exc:  # noqa: BLE001 - Ctrl-C too must not keep the sources from being closed
            self.failures.append(Failure(during=doing, error=exc))
            # A second one does not wait for anybody.
            if len(self.failures) > 1 and isinstance(exc, KeyboardInterrupt):
                self._over = 0.0

    def _step(self, sums: Sum) -> None:
        while self._waiting and (self.engine.slots is None or len(self._running) < self.engine.slots):
            key = self._waiting.popleft()
            self._running.add(key)
            self.engine.start(key)
        if self._over is None and self.deadline.passed:
            self.stopped = "timeout"
        if self._over is None and self.stopping():
            raise _PartFailed("The run was ended by those who started it.")
        left = self.deadline.left()
        wait = _LOOK if left is None or self._over is not None else min(_LOOK, left)
        with uninterrupted():
            try:
                received = self.engine.receive(wait)
                if received is not None:
                    self._receive(received, sums)
            except BaseException:
                # What was in hand is gone: what comes after it must not be said to follow it.
                self._taking = False
                raise

    def _receive(self, received: Envelope, sums: Sum) -> None:
        key, attempt, message = received
        if isinstance(message, Began):
            self._begin(key, attempt)
        elif self._attempts.get(key) == attempt and key in self._running:
            self._hear(key, message, sums)
        elif isinstance(message, Lost) and key in self._running:
            # It was lost before it began.
            self._hear(key, message, sums)

    def _begin(self, key: str, attempt: str) -> None:
        if (
            key in self._attempts
            and key in self._running
            and self._attempts[key]
            and not self._again(key, "it began anew")
        ):
            return
        self._attempts[key] = attempt
        params = copy.deepcopy(self.parts[key])
        # What was written up to now need not be read again: it will be delivered, or the run fails.
        state = self.ledger.parts[key].written
        if state:
            params["state"] = copy.deepcopy(state)
        job = Job(
            module=self.module,
            path=self.path,
            code=self.code,
            params=params,
            options={name: value for name, value in self.options.items() if name not in LOCAL_OPTIONS},
            batch_size=self.batch_size,
            pauses=self.pauses,
            strict_state=self.ledger.store is not None,
            timeout=self.deadline.left(),
        )
        self.engine.reply(key, attempt, job)

    def _hear(self, key: str, message: Message, sums: Sum) -> None:
        match message:
            case Rows():
                self._take(key, message)
            case Learnt():
                self.mask.add(message.values)
            case Logged():
                self.observer.log(self.mask.apply(f"{key}: {message.text}"))
            case Said():
                self.observer.warning(self.mask.apply(f"{key}: {message.text}"))
            case Progressed():
                text = self.mask.apply(message.text)
                self.observer.progress(*sums.progress(key, message.loaded, message.total, text))
            case Retried():
                self.observer.warning(
                    f"{key}: read() raised {message.text}; calling it again in {message.pause:g} s "
                    f"(attempt {message.attempt} of {message.attempts})."
                )
            case Ended():
                self._end(key, message, sums)
            case Lost():
                self._attempts[key] = ""
                self._running.discard(key)
                if self._over is None and self._again(key, message.why):
                    self._waiting.append(key)

    def _take(self, key: str, message: Rows) -> None:
        # Once something has failed, what still comes is not taken: it would be read again anyway.
        if not self._taking:
            return
        doing = f"{key}: writing records"

        def naming(what: str) -> None:
            nonlocal doing
            doing = f"{key}: {what}"

        portion = Portion(rows=unpacked(message.data), read=message.read, state=message.state, last=message.last)
        try:
            more = self.ledger.take(portion, key, naming=naming)
        except Exception as exc:  # noqa: BLE001 - reported with the rest
            self._taking = False
            self.failures.append(Failure(during=doing, error=exc))
            return
        if not more:
            self._taking = False
            self.stopped = "limit"

    def _again(self, key: str, why: str) -> bool:
        """Whether a part whose reader was lost is begun again."""
        self._lost[key] += 1
        if self._lost[key] > _AGAIN:
            self._running.discard(key)
            self._fail(key, Failure(during=f"{key}: reading", error=_PartFailed(f"{self._lost[key]} times: {why}.")))
            return False
        state = (
            "from the last state" if self.ledger.parts[key].written else "from its beginning, as it reported no state"
        )
        self.observer.warning(f"{key}: {why}. It is read again {state}.")
        return True

    def _end(self, key: str, message: Ended, sums: Sum) -> None:
        self._running.discard(key)
        self.ended[key] = message
        if message.finished and self._taking:
            self.ledger.end(key)
        for failure in message.failures:
            # That they were interrupted is what they were asked for.
            if not (failure.interrupted and self._over is not None):
                self._fail(
                    key, Failure(during=f"{key}: {failure.during}", error=_PartFailed(self.mask.apply(failure.text)))
                )
        if message.stopped == "timeout" and self._over is None:
            self.stopped = "timeout"
        self.observer.progress(*sums.done(key))

    def _fail(self, key: str, failure: Failure) -> None:
        """Note what went wrong in one part; the others go on."""
        self.part_failures.setdefault(key, []).append(failure)
