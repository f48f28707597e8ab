"""The functions of `time` as Python gave them: the only place that keeps them once the clock has replaced them everywhere.

To be used as `real.sleep(...)`, never imported by name: whoever else holds one of these functions gets it replaced. What is
real of the even clocks is `perf_counter`: it is the same clock as `monotonic` wherever processes fork, and no version of
time_machine changes it inside C (those before 3 make `monotonic` a wall clock).
"""

from __future__ import annotations

from threading import Thread
from time import (
    asctime,
    ctime,
    monotonic,
    monotonic_ns,
    perf_counter,
    perf_counter_ns,
    process_time_ns,
    sleep,
)

__all__ = [
    "asctime",
    "ctime",
    "join",
    "monotonic",
    "monotonic_ns",
    "perf_counter",
    "perf_counter_ns",
    "process_time_ns",
    "sleep",
]

join = Thread.join
