"""What a machine sees of a run: one JSON object a line on standard error, and nothing else there.

Each has `event` and `time`; what else there is depends on the event, and README lists it. What a source does very often
(`progress`, `batch`) is told at most a few times a second, and before any other event, so that the order is true.
"""

from __future__ import annotations

import json
import threading
import time
import traceback
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, TextIO

from panoply.cli._display import Display, Loudness

if TYPE_CHECKING:
    import logging
    from collections.abc import Callable, Mapping, Sequence

    from panoply.masking import Mask
    from panoply.runner import RunResult

__all__ = ["Events", "event_line"]

# Seconds between two events of the kinds that only say how far it is.
_PACE: Final = 0.25


class Events(Display):
    """Writes events.

    Args:
        stream: where to.
        mask: what all text in them is passed through.
        loudness: how much: with `quiet` only errors and the summary.
        clock: how to tell how much time has passed.
        today: how to tell the time.
    """

    def __init__(
        self,
        stream: TextIO,
        mask: Mask,
        loudness: Loudness | None = None,
        *,
        clock: Callable[[], float] = time.monotonic,
        today: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        super().__init__(stream, mask, loudness)
        self._clock = clock
        self._today = today
        self._lock = threading.RLock()
        self._held: dict[str, dict[str, Any]] = {}
        self._told_at: dict[str, float] = {}
        self._facts: dict[str, Any] = {}
        self._ended = False

    def start(self, facts: Mapping[str, Any]) -> None:
        self._unless_quiet("start", **facts)

    def log(self, message: str) -> None:
        if self.loudness.shows_log:
            self._unless_quiet("log", source="source", level="info", message=message)

    def printed(self, line: str) -> None:
        self._unless_quiet("log", source="output", level="info", message=line)

    def logged(self, record: logging.LogRecord, text: str) -> None:  # noqa: ARG002 - the parts are in the record
        trace = {"traceback": "".join(traceback.format_exception(record.exc_info[1]))} if record.exc_info else {}
        level = record.levelname.lower()
        self._tell("log", source="logging", logger=record.name, level=level, message=record.getMessage(), **trace)

    def warning(self, text: str, *, ours: bool = True) -> None:
        self._unless_quiet("warning", source="panoply" if ours else "warnings", message=text)

    def progress(self, loaded: object, total: object, message: str) -> None:
        self._paced("progress", loaded=_simple(loaded), total=_simple(total), message=message)

    def batch(self, reads: int, records: int) -> None:
        self._paced("batch", reads=reads, records=records)

    def delivered(self, records: int) -> None:
        """So many records are delivered by now."""
        self._paced("delivered", records=records)

    def state(self, state: Mapping[str, Any]) -> None:
        self._unless_quiet("state", state=dict(state))

    def retry(self, error: BaseException, attempt: int, attempts: int, pause: float) -> None:
        trace = {"traceback": "".join(traceback.format_exception(error))} if self.loudness.verbose else {}
        told = {"type": type(error).__name__, "message": str(error), "attempt": attempt, "attempts": attempts}
        self._unless_quiet("retry", **told, pause=pause, **trace)

    def error(self, lines: Sequence[str], facts: Mapping[str, Any] | None = None, *, stopped: bool = False) -> None:
        message = "\n".join(lines).removeprefix("Error: ")
        self._tell("error", **({"message": message} | dict(facts or {})), stopped=stopped)

    def summary(self, result: RunResult, target: str, state: str | None = None) -> None:  # noqa: ARG002 - told by the last event
        """Kept for the last event, which says with which exit code the process ends."""
        self._facts = {
            "target": target,
            "ok": result.ok,
            "finished": result.finished,
            "delivered": result.delivered,
            "stopped": result.stopped,
            "reads": result.reads,
            "records": result.records,
            "retries": result.retries,
            "tables": dict(result.tables),
            "summaries": [
                {name: getattr(table, name) for name in ("table", "records", "new", "updated", "columns", "bytes")}
                for table in result.summaries
            ],
            "state": {key: dict(value) for key, value in result.state.items()} if result.parts else dict(result.state),
            "parts": {
                key: {"ok": part.ok, "finished": part.finished, "records": part.records, "retries": part.retries}
                for key, part in result.parts.items()
            },
            "duration": round(result.duration, 3),
        }

    def end(self, code: int) -> None:
        """The last event."""
        with self._lock:
            self._tell("summary", exit_code=code, **self._facts)
            self._ended = True

    def _unless_quiet(self, event: str, **facts: Any) -> None:
        if not self.loudness.quiet:
            self._tell(event, **facts)

    def _paced(self, event: str, **facts: Any) -> None:
        with self._lock:
            now = self._clock()
            if self.loudness.quiet:
                return
            if now - self._told_at.get(event, -_PACE) < _PACE:
                self._held.pop(event, None)
                self._held[event] = facts
                return
            self._held.pop(event, None)
            # What is held goes first, and has had its turn with that.
            self._told_at |= dict.fromkeys((*self._held, event), now)
            self._tell(event, **facts)

    def _tell(self, event: str, **facts: Any) -> None:
        with self._lock:
            if self._ended:
                return
            held, self._held = self._held, {}
            moment = self._today()
            lines = [event_line(kind, moment, inner, self.mask) for kind, inner in (*held.items(), (event, facts))]
            # A reader who has gone away must not make the run fail.
            with suppress(BrokenPipeError):
                self.stream.write("".join(lines))
                self.stream.flush()


def event_line(event: str, moment: datetime, facts: Mapping[str, Any], mask: Mask) -> str:
    """One event as a line of ASCII: nothing in it ends a line but its end."""
    told = {"event": event, "time": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")}
    return f"{json.dumps(told | _masked(dict(facts), mask))}\n"


def _masked(value: Any, mask: Mask) -> Any:
    """A JSON value in which no text holds a credential; what JSON does not know becomes text."""
    if isinstance(value, str):
        return mask.apply(value.encode("utf-8", "replace").decode("utf-8"))
    if isinstance(value, dict):
        return {_masked(str(key), mask): _masked(inner, mask) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_masked(inner, mask) for inner in value]
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, float):
        # JSON has neither NaN nor Infinity.
        return value if value - value == 0 else str(value)
    return _masked(str(value), mask)


def _simple(value: object) -> object:
    """A number as it is; what is none, as it is printed."""
    return value if value is None or isinstance(value, (int, float)) else str(value)
