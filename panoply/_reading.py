"""Drives one source as the platform drives it: constructs it, calls `read()` until None, again where it raised, closes it.

What becomes of the rows is decided by who takes them; nothing here knows of sinks.
"""

from __future__ import annotations

import copy
import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from panoply._forks import Here, inside
from panoply._hiding import known_credentials, masked
from panoply._interrupts import Deadline, TimeIsUp, noticing
from panoply._portions import Portion, checked, routed
from panoply._run_result import Failure, Stopped
from panoply._saved_state import as_json
from panoply._stuck import Calls
from panoply.driving import DEFECTS, Driver, original, takes_hint
from panoply.errors import LoadError, PanoplyException
from panoply.masking import credentials

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

    from panoply._observer import Observer
    from panoply.masking import Mask

__all__ = ["Reading", "stream_class"]

# Seconds that close() has once the time of the run is over.
_GRACE: Final = 10.0


def stream_class(module: ModuleType) -> Callable[..., Any]:
    """The source's class.

    Raises:
        LoadError: the module has none.
    """
    found: Callable[..., Any] | None = getattr(module, "Stream", None)
    if not callable(found):
        raise LoadError(f"{module.__name__} has no Stream: a data source module exposes a class of that name.")
    return found


class _TakenAndLost(PanoplyException):
    """A source has come to its end by a mistake."""


@dataclass(slots=True, kw_only=True)
class Reading:
    """One source, from its construction to its `close()`.

    Attributes:
        module: it is in.
        params: what it gets as `source`: this very dict.
        options: what it gets as `options`; a `logger` is added unless there is one, and what hears of declared credentials.
        batch_size: what `read()` is called with, if it takes anything.
        pauses: seconds to wait before a failed `read()` is called again, one for each further call.
        sleep: how to wait.
        deadline: when it has to be over.
        stopping: whether somebody wants it to be over; asked between two reads.
        observer: is told what happens.
        mask: hides credentials; those of the source are added to it.
        secret: whether a param or option of that name holds one.
        strict_state: whether a state that is no JSON is a failure, as it would be lost.
    """

    module: ModuleType
    params: dict[str, Any]
    options: dict[str, Any]
    batch_size: int | None
    pauses: Sequence[float]
    sleep: Callable[[float], object]
    deadline: Deadline
    stopping: Callable[[], bool]
    observer: Observer
    mask: Mask
    secret: Callable[[str], bool]
    strict_state: bool = False
    reads: int = 0
    retries: int = 0
    finished: bool = False
    stopped: Stopped | None = None
    failures: list[Failure] = field(default_factory=list)
    calls: Calls = field(default_factory=Calls)
    _here: Here = field(default_factory=Here)
    _swallowed: BaseException | None = None
    _doing: str = ""
    _arguments: tuple[int | None, ...] | None = None
    _states: list[tuple[object, Any]] = field(default_factory=list)

    def collect(self, take: Callable[[Portion], bool]) -> None:
        """Read it to its end, and pass on each portion. Raises nothing: Ctrl-C and SystemExit, too, are among the failures.

        Args:
            take: writes a portion; says whether to go on.
        """
        construct = stream_class(self.module)
        if self.options.get("logger") is None:
            self.options["logger"] = self.log
        self.options["hide"] = self._hide(self.options.get("hide"))
        self._learn()
        self.mask.add(credentials(self.options, self.secret))
        with Driver() as driver:
            stream = None
            with self._noting("constructing Stream"), self._inside():
                stream = construct(self.params, self.options)
            if stream is None:
                return
            with self._noting("subscribing to its events"):
                stream.on("progress", self._on_progress)
                stream.on("source-change", self._on_change)
                stream.on("source-state", self._on_state)
            with self._noting("reading"):  # for a Ctrl-C that comes between two steps
                for portion in self._portions(driver, stream):
                    with self._noting("writing records"):
                        if not take(portion):
                            break
            self._close(driver, stream)
        if self.finished and not self.failures:
            with self._noting("taking the state that close() reported"):
                state = self._reported()
                if state is not None:
                    take(Portion(rows=(), read=0, state=state))

    def log(self, *msgs: object) -> None:
        """What the source gets as `options["logger"]`; it is called with one tuple."""
        parts = msgs[0] if len(msgs) == 1 and isinstance(msgs[0], tuple) else msgs
        self._learn()
        text = " ".join(map(str, masked(parts, self.mask)))
        if self._here:
            self.observer.log(text)
        else:
            # The observer of a copy has nobody who looks at it; who started the run does see what is printed.
            with suppress(OSError):
                os.write(2, f"{text}\n".encode(errors="replace"))

    @property
    def doing(self) -> str:
        """What is being done: `read() number 3`."""
        return self._doing

    def naming(self, what: str) -> None:
        """Say what exactly is being done, for a failure that is about to be raised."""
        self._doing = what

    @contextmanager
    def _noting(self, doing: str) -> Iterator[None]:
        self._doing = doing
        try:
            yield
        except TimeIsUp:
            self.stopped = "timeout"
        except BaseException as exc:  # noqa: BLE001 - Ctrl-C and SystemExit too must not keep the source from being closed
            self._learn()
            self.failures.append(Failure(during=self._doing, error=exc))

    @contextmanager
    def _inside(self, grace: float = 0.0) -> Iterator[None]:
        """The source runs in this block."""
        with inside(), self.deadline.enforced(grace=grace), noticing() as noticed:
            try:
                with self.calls.one():
                    yield
            except Exception:
                self._swallowed = noticed.error
                raise
            self._swallowed = noticed.error

    def _rouse(self) -> None:
        """Raise what the source has caught although it was not meant for it: Ctrl-C, the end of the time."""
        error, self._swallowed = self._swallowed, None
        if error is not None:
            raise error

    def _portions(self, driver: Driver, stream: Any) -> Iterator[Portion]:
        while not (self.finished or self.failures or self.stopped):
            if self.deadline.passed:
                self.stopped = "timeout"
                return
            if self.stopping():
                return
            portion = None
            with self._noting(f"read() number {self.reads + 1}"):
                self._rouse()
                batch = self._read(driver, stream)
                state = self._reported()
                if batch is None:
                    # That is not how its records end, but what it makes of being interrupted.
                    self._rouse()
                    self.finished = True
                    # What was reported at the end speaks of nothing but what was given before.
                    portion = None if state is None else Portion(rows=(), read=0, state=state)
                else:
                    checked(batch)
                    self.reads += 1
                    name = self.module.__name__.rpartition(".")[2]
                    portion = Portion(rows=routed(batch, self.params, name), read=self.reads, state=state)
            if portion is not None and not self.failures:
                yield portion

    def _read(self, driver: Driver, stream: Any) -> Any:
        """One batch, after as many calls as it takes."""
        failed: Exception | None = None
        for attempt, pause in enumerate(self.pauses, start=2):
            try:
                return self._believed(self._called(driver, stream), failed)
            except _TakenAndLost:
                raise
            except Exception as exc:
                self._rouse()
                if getattr(exc, "retryable", True) is False:
                    raise
                failed = exc
                self._learn()
                self.retries += 1
                self.observer.retry(exc, attempt, len(self.pauses) + 1, pause)
                self._pause(pause)
        return self._believed(self._called(driver, stream), failed)

    def _called(self, driver: Driver, stream: Any) -> Any:
        try:
            with self._inside():
                if self._arguments is None:
                    self._arguments = (self.batch_size,) if takes_hint(stream.read) else ()
                return driver.call(stream.read, *self._arguments)
        except BaseException:
            # It gave no records: what it reported speaks of some that nobody has.
            self._states.clear()
            raise

    def _pause(self, seconds: float) -> None:
        left = self.deadline.left()
        self.sleep(seconds if left is None else min(seconds, left))
        if self.deadline.passed:
            raise TimeIsUp

    def _believed(self, batch: Any, failed: Exception | None) -> Any:
        """What `read()` gave, unless it claims to be at its end right after a mistake of its own.

        A source that moves its position before it fails has records in hand that nobody will see again.
        """
        if batch is not None or failed is None:
            return batch
        mistake = original(failed)
        if isinstance(mistake, DEFECTS):
            raise _TakenAndLost(
                f"read() raised {type(mistake).__name__} and, called again, gave None: what it had already taken is lost. "
                "Mend what it raised, and move the position only after everything that can fail.",
                retryable=False,
            ) from failed
        self.observer.warning(
            "read() failed and, called again, was at its end. Had it already taken records in hand, they are lost: "
            "move the position only after everything that can fail."
        )
        return None

    def _close(self, driver: Driver, stream: Any) -> None:
        in_time = self.stopped
        with self._noting("close()"), self._inside(grace=_GRACE):
            driver.call(stream.close)
        with self._noting("close()"):
            self._rouse()
        if self.stopped == "timeout" and in_time is None and self.finished:
            # All was read; only close() is late.
            self.stopped = None
            late = PanoplyException("It had not come back when the time of the run was over.", retryable=False)
            self.failures.append(Failure(during="close()", error=late))
        with self._noting("closing its event loop"):
            driver.close()

    def _reported(self) -> dict[str, Any] | None:
        """The states reported since the last call of `read()` began, merged."""
        if not self._states:
            return None
        merged: dict[str, Any] = {}
        for state_id, state in self._states:
            merged.update(as_json(state_id, state) if self.strict_state else state)
        self._states.clear()
        return merged

    def _on_progress(self, data: Any) -> None:
        if not self._here:
            return
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
        self._states.append((data.get("stateId"), copy.deepcopy(dict(data["state"]))))

    def _learn(self) -> None:
        """Hide the tokens that the source has put among its params by now."""
        self.mask.add(credentials(self.params, self.secret))
        self.mask.add(known_credentials(self.params, getattr(self.module, "CONFIG", None)))

    def _hide(self, theirs: Callable[[str], object] | None) -> Callable[[str], object]:
        """What the source gets as `options["hide"]`, in front of the one that there may be.

        Rather than an event, which everybody would hear; and as soon as it is known, also if the constructor then fails.
        """

        def hide(secret: str) -> None:
            self.mask.add([secret])
            if theirs is not None:
                theirs(secret)

        return hide
