"""What a run says to those who read its parts, in other processes, and what they say to it.

Messages are plain values that can be pickled; how they travel is the engines' affair. A part may be begun more than once,
where a process was lost: each attempt has a name of its own, and what comes from an earlier one is no longer listened to.
"""

from __future__ import annotations

import datetime as dt
import decimal
import io
import json
import pickle
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from panoply.encoding import encode_record
from panoply.errors import RecordError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from panoply._portions import Row
    from panoply._run_result import Stopped

__all__ = [
    "Began",
    "Ended",
    "Job",
    "Learnt",
    "Logged",
    "Lost",
    "Message",
    "PartFailure",
    "Progressed",
    "Retried",
    "Rows",
    "Said",
    "packed",
    "unpacked",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What it takes to read one part.

    Attributes:
        module: the source's name.
        path: folders that Python has to look into for it, on this machine.
        code: the source's own files, as a zip archive, for machines that do not have it.
        params, options, batch_size, pauses, strict_state: as `Reading` takes them.
        secrets: what is hidden besides the credentials among those.
        timeout: seconds that are left.
    """

    module: str
    path: tuple[str, ...]
    code: bytes | None = field(default=None, repr=False)
    params: dict[str, Any] = field(repr=False)
    options: dict[str, Any] = field(repr=False)
    batch_size: int | None
    pauses: tuple[float, ...]
    strict_state: bool
    timeout: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Began:
    """Somebody is ready to read the part, and waits for the job."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """Rows, as `packed` makes them, and the state that they bring; of a large portion, only its `last` message has that."""

    data: bytes = field(repr=False)
    read: int
    last: bool
    state: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Logged:
    """The source logged something; masked."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A warning; masked."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Progressed:
    """The source called `progress()`."""

    loaded: object
    total: object
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Retried:
    """A `read()` raised and is called again."""

    text: str
    attempt: int
    attempts: int
    pause: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Learnt:
    """Credentials that the source has come by: the run hides them, too."""

    values: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class PartFailure:
    """One thing that went wrong in a part; its text is masked."""

    during: str
    text: str
    interrupted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """The part is over, in whatever way."""

    finished: bool
    stopped: Stopped | None
    reads: int
    retries: int
    failures: tuple[PartFailure, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lost:
    """Who read the part is gone: killed, crashed, cut off."""

    why: str


Message = Began | Rows | Logged | Said | Progressed | Retried | Learnt | Ended | Lost

# Types that every Python has, and whose values mean the same everywhere.
_KNOWN: Final = frozenset(
    {
        *(dt.datetime, dt.date, dt.time, dt.timedelta, dt.timezone),
        *(decimal.Decimal, uuid.UUID),
    }
)


class _Foreign(Exception):
    """A row holds an object of a class that the other side may not have."""


class _Pickler(pickle.Pickler):
    def reducer_override(self, obj: Any) -> Any:
        if type(obj) in _KNOWN or obj in _KNOWN:
            return NotImplemented
        raise _Foreign


def packed(rows: Sequence[Row], failing: Callable[[int], object] = int) -> bytes:
    """Rows as bytes. Objects of classes that the source knows become what they are sent as.

    Args:
        rows: of one batch.
        failing: is told which item of the batch cannot be sent, before that is raised.

    Raises:
        RecordError: one of these cannot be sent.
    """
    try:
        return _pickled(rows)
    except (_Foreign, TypeError, RecursionError, AttributeError, pickle.PicklingError):
        sent = []
        for index, table, row in rows:
            try:
                sent.append((index, table, _as_sent(table, row)))
            except RecordError:
                failing(index)
                raise
        return _pickled(sent)


def unpacked(data: bytes) -> list[Row]:
    """What `packed` packed."""
    rows: list[Row] = pickle.loads(data)  # noqa: S301 - it comes from processes that this one has started
    return rows


def _pickled(rows: Sequence[Row]) -> bytes:
    file = io.BytesIO()
    _Pickler(file, protocol=5).dump(list(rows))
    return file.getvalue()


def _as_sent(table: str, row: Mapping[str, Any]) -> dict[str, Any]:
    # Not orjson: it makes floats of what has more than 64 bits.
    sent: dict[str, Any] = json.loads(encode_record(table, row), parse_float=_number)
    sent.pop("__table", None)
    return sent


def _number(text: str) -> float | decimal.Decimal:
    number = float(text)
    exact = decimal.Decimal(text)
    return number if exact == decimal.Decimal(repr(number)) else exact
