"""Reads one part of a split run, wherever this process is, and says what comes of it.

The source is driven as in a run that is not split; what it lets out goes into messages rather than into a sink.
"""

from __future__ import annotations

import time
import traceback
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Final

from panoply._interrupts import Deadline
from panoply._observer import Observer
from panoply._part_wire import (
    Ended,
    Learnt,
    Logged,
    PartFailure,
    Progressed,
    Retried,
    Rows,
    Said,
    packed,
)
from panoply._reading import Reading
from panoply._secret_params import is_credential
from panoply.masking import Mask

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import ModuleType

    from panoply._part_wire import Job, Message
    from panoply._portions import Portion
    from panoply._run_result import Failure

__all__ = ["read_part"]

# Rows in one message. What is on its way is held in memory, some of it on both sides.
_ROWS: Final = 1000


def read_part(module: ModuleType, job: Job, send: Callable[[Message], object], stopping: Callable[[], bool]) -> None:
    """Read the part to its end, or until somebody wants it to be over."""
    mask = _Telling(send)
    reading = Reading(
        module=module,
        params=job.params,
        options=job.options,
        batch_size=job.batch_size,
        pauses=job.pauses,
        sleep=time.sleep,
        deadline=Deadline(job.timeout, time.monotonic),
        stopping=stopping,
        observer=_Messages(send, mask),
        mask=mask,
        secret=is_credential(module),
        strict_state=job.strict_state,
    )

    def failing(read: int, index: int) -> None:
        reading.naming(f"item {index} of the batch of read() number {read}")

    def take(portion: Portion) -> bool:
        rows = iter(portion.rows)
        chunk = list(islice(rows, _ROWS))
        while True:
            following = list(islice(rows, _ROWS))
            # The state speaks of all rows of the portion.
            send(
                Rows(
                    data=packed(chunk, partial(failing, portion.read)),
                    read=portion.read,
                    last=not following,
                    state=None if following else portion.state,
                )
            )
            if not following:
                return True
            chunk = following

    reading.collect(take)
    send(
        Ended(
            finished=reading.finished,
            stopped=reading.stopped,
            reads=reading.reads,
            retries=reading.retries,
            failures=tuple(_told(failure, module, mask) for failure in reading.failures),
        )
    )


def _told(failure: Failure, module: ModuleType, mask: Mask) -> PartFailure:
    error = failure.error
    text = str(error)
    if not isinstance(error, KeyboardInterrupt):
        text = f"{type(error).__name__}: {text}" if text else type(error).__name__
    place = _place(error, module)
    return PartFailure(
        during=failure.during,
        text=mask.apply(f"{text}\n  at {place}" if place else text),
        interrupted=isinstance(error, KeyboardInterrupt),
    )


def _place(error: BaseException, module: ModuleType) -> str | None:
    """The innermost line of the module that the exception came through."""
    own = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename == module.__file__]
    return f"{own[-1].filename}:{own[-1].lineno}, in {own[-1].name}" if own else None


class _Telling(Mask):
    """Says which values it has been told to hide."""

    def __init__(self, send: Callable[[Message], object]) -> None:
        self._send = send
        self._told: set[str] = set()
        super().__init__()

    def add(self, values: Iterable[str]) -> None:
        values = list(values)
        fresh = tuple(value for value in values if value not in self._told)
        if fresh:
            self._told.update(fresh)
            self._send(Learnt(values=fresh))
        super().add(values)


class _Messages(Observer):
    def __init__(self, send: Callable[[Message], object], mask: Mask) -> None:
        self._send = send
        self._mask = mask

    def log(self, message: str) -> None:
        self._send(Logged(text=message))

    def warning(self, message: str) -> None:
        self._send(Said(text=self._mask.apply(message)))

    def progress(self, loaded: object, total: object, message: str) -> None:
        numbers = [value if isinstance(value, int) else None for value in (loaded, total)]
        self._send(Progressed(loaded=numbers[0], total=numbers[1], text=message))

    def retry(self, error: BaseException, attempt: int, attempts: int, pause: float) -> None:
        text = f"{type(error).__name__}: {error}"
        self._send(Retried(text=self._mask.apply(text), attempt=attempt, attempts=attempts, pause=pause))
