"""Takes the time of calls one by one, and reads how much memory this process has had."""

from __future__ import annotations

import contextlib
import resource
import statistics
import sys
import time
from itertools import cycle, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["memory", "memory_peak", "reset_memory_peak", "summary", "time_block", "time_dumps", "time_writes"]

_STATUS: Final = Path("/proc/self/status")
_CLEAR: Final = Path("/proc/self/clear_refs")


def time_writes(write: Callable[[str, Any], object], table: str, records: Sequence[Any], count: int) -> list[int]:
    """Nanoseconds of each of so many calls."""
    clock = time.perf_counter_ns
    taken: list[int] = []
    took = taken.append
    for record in islice(cycle(records), count):
        start = clock()
        write(table, record)
        took(clock() - start)
    return taken


def time_dumps(dumps: Callable[[Any], object], records: Sequence[Any], count: int) -> list[int]:
    """Nanoseconds of each of so many calls, timed as `time_writes` times them."""
    clock = time.perf_counter_ns
    taken: list[int] = []
    took = taken.append
    for record in islice(cycle(records), count):
        start = clock()
        dumps(record)
        took(clock() - start)
    return taken


def time_block(dumps: Callable[[Any], object], records: Sequence[Any], count: int) -> float:
    """Nanoseconds of a call, when only all of them together are timed."""
    start = time.perf_counter_ns()
    for record in islice(cycle(records), count):
        dumps(record)
    return (time.perf_counter_ns() - start) / count


def summary(taken: Sequence[int]) -> dict[str, float]:
    """Median and 99th percentile, in nanoseconds."""
    return {"median": statistics.median(taken), "p99": statistics.quantiles(taken, n=100, method="inclusive")[98]}


def memory() -> int:
    """Bytes that this process has in memory now (where only the peak is known: that)."""
    return _from_status("VmRSS")


def memory_peak() -> int:
    """The most bytes that this process has had in memory, since the last reset where resetting is possible."""
    return _from_status("VmHWM")


def reset_memory_peak() -> None:
    """Forget earlier peaks, where the system can."""
    with contextlib.suppress(OSError):
        _CLEAR.write_text("5")


def _from_status(name: str) -> int:
    try:
        for line in _STATUS.read_text(encoding="ascii").splitlines():
            if line.startswith(name + ":"):
                return int(line.split()[1]) * 1024
    except OSError:  # not Linux
        pass
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
