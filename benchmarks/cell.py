"""One measurement in a fresh process: `python -m benchmarks.cell SPEC`, with SPEC and what was measured as JSON.

A process each, so that no rival's imports, threads or memory are another's. What is measured when is said at each kind.
"""

from __future__ import annotations

import json
import mmap
import os
import sys
import time
from itertools import count, cycle, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import orjson

import panoply
from benchmarks import clock, leaks
from benchmarks.far_end import FarEnd
from benchmarks.records import TABLE, make
from benchmarks.rivals import APIKEY, APISECRET, connect, named

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["main", "measure"]

# Those by which the far end was asked, since it was reset.
_CONTROL_CONNECTIONS: Final = 2

# By then everything is there, or will never be.
_ARRIVAL_SECONDS: Final = 20.0

# What a writer that is going to be killed has told: how many records were taken over, as eight bytes in a shared file.
_TOLD: Final = 8


def throughput(far_end: FarEnd, spec: Mapping[str, Any]) -> dict[str, Any]:
    """Time single writes, and then, without looking at each, all of many records on their way to the far end.

    The first part also makes the rival ready: what it imports and connects to once is not in the second. Between the two,
    everything is sent. CPU time is that of all threads of this process, from the first write of the second part until the
    far end has all. Memory is the peak over both parts, beyond what the process had before it imported the rival.
    """
    rival, timed, total = named(spec["rival"]), spec["timed"], spec["count"]
    records = make(spec["size"])
    floors = {
        name: {
            **clock.summary(clock.time_dumps(dumps, records, timed)),
            "mean": clock.time_block(dumps, records, timed),
        }
        for name, dumps in _floors().items()
    }
    clock.reset_memory_peak()
    before = clock.memory()
    connection = connect(rival, far_end, far_end.tls_url if spec.get("tls") else far_end.url, **spec.get("options", {}))

    far_end.reset(delay=spec.get("delay", 0.0))
    taken = clock.time_writes(connection.write, TABLE, records, timed)
    connection.settle()
    # What a rival that lingers still has, a part of a message, goes along with the second part.
    first = far_end.stats() if rival.lingers else far_end.wait(timed, _ARRIVAL_SECONDS)

    write = connection.write
    cpu, start = time.process_time(), time.perf_counter()
    for record in islice(cycle(records), total):
        write(TABLE, record)
    written = time.perf_counter()
    connection.close()
    ended = time.perf_counter()
    both = far_end.wait(timed + total, _ARRIVAL_SECONDS)
    if not rival.lingers:
        ended = time.perf_counter()
    cpu = time.process_time() - cpu

    return {
        "floors": floors,
        "write": {**clock.summary(taken), "mean": (written - start) / total * 1e9},
        "seconds": ended - start,
        "cpu": cpu,
        "memory": clock.memory_peak() - before,
        "written": timed + total,
        "count": total,
        "arrived": both["records"],
        "requests": both["requests"] - first["requests"],
        "connections": both["connections"] - _CONTROL_CONNECTIONS,
        "refused": both["refused"],
        "sizes": both["sizes"][len(first["sizes"]) :],
    }


def hanging(far_end: FarEnd, spec: Mapping[str, Any]) -> dict[str, Any]:
    """Write to a far end that takes everything and never answers, and read how much memory that took at most.

    What the buffer has no room for is refused at once, and counted.
    """
    rival, total = named(spec["rival"]), spec["count"]
    records = make(spec["size"])
    far_end.reset(hang=1)
    clock.reset_memory_peak()
    before = clock.memory()
    connection = connect(rival, far_end, far_end.url, **spec.get("options", {}))
    write, refused = connection.write, 0
    for record in islice(cycle(records), total):
        try:
            write(TABLE, record)
        except panoply.errors.BufferFull:
            refused += 1
    peak = clock.memory_peak()
    return {"before": before, "peak": peak, "count": total, "refused": refused}


def until_killed(far_end: FarEnd, spec: Mapping[str, Any]) -> dict[str, Any]:
    """Write records with an `id` of their own until this process is killed; a file tells how many were taken over."""
    base = make(spec["size"])[0]
    sdk = panoply.SDK(APIKEY, APISECRET, endpoint_url=far_end.url, **spec["options"])
    with Path(spec["told"]).open("r+b") as file, mmap.mmap(file.fileno(), _TOLD) as told:
        for number in count(1):
            sdk.write(TABLE, {**base, "id": number})
            told[:] = number.to_bytes(_TOLD, "little")  # survives the kill: the page is the system's
    return {}


def recover(far_end: FarEnd, spec: Mapping[str, Any]) -> dict[str, Any]:
    """Send what a killed process left in its spool."""
    with panoply.SDK(APIKEY, APISECRET, endpoint_url=far_end.url, **spec["options"]) as sdk:
        sdk.flush()
    return {}


def looking(_: FarEnd, spec: Mapping[str, Any]) -> dict[str, Any]:
    """Look for credentials in text; the far end has no part in it."""
    return leaks.measure(spec)


_KINDS: Final[Mapping[str, Callable[[FarEnd, Mapping[str, Any]], dict[str, Any]]]] = {
    "throughput": throughput,
    "hanging": hanging,
    "until_killed": until_killed,
    "recover": recover,
    "looking": looking,
}


def _floors() -> dict[str, Callable[[Any], object]]:
    return {"json.dumps": json.dumps, "orjson.dumps": orjson.dumps}


def measure(spec: Mapping[str, Any]) -> dict[str, Any]:
    """Do what the spec says, and return what was measured."""
    return _KINDS[spec["kind"]](FarEnd(**spec["far_end"]), spec)


def main() -> None:
    """Measure, tell it on standard output, and be gone, whatever threads still wait for a far end that hangs."""
    sys.stdout.write(json.dumps(measure(json.loads(sys.argv[1]))) + "\n")
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
