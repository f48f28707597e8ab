"""What this SDK is to reach, and the verdict on a run's results."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING, Any, Final

from benchmarks.figures import Verdict, fill, median_of, median_ratio
from benchmarks.leaks import KINDS
from benchmarks.rivals import MESSAGE_LIMIT

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["judge"]

_MIB: Final = 1024 * 1024
_SMALL: Final = "200 B"


def judge(results: Mapping[str, Any]) -> list[Verdict]:
    """The verdicts on what was measured; what was left out on purpose has none."""
    verdicts: list[Verdict] = []
    if "write" in results:
        verdicts += _write(results["write"])
    if "tls" in results:
        verdicts.append(_tls(results["tls"]))
    if "memory" in results:
        verdicts += _memory(results["memory"])
    if "spool" in results:
        verdicts += _spool(results["spool"])
    if "import" in results:
        verdicts += _import(results["import"])
    if "leaks" in results:
        verdicts += _leaks(results["leaks"])
    return verdicts


def _write(sizes: Mapping[str, Any]) -> list[Verdict]:
    ours, theirs = sizes[_SMALL].get("panoply"), sizes[_SMALL].get("published")
    if not ours:
        return []
    floor = statistics.median(cell["write"]["median"] / cell["floors"]["orjson.dumps"]["median"] for cell in ours)
    cpu = median_ratio(ours, theirs, lambda cell: cell["cpu"] / cell["count"]) if theirs else None
    speed = median_ratio(theirs, ours, lambda cell: cell["seconds"]) if theirs else None
    why = "" if theirs else "the published SDK was not measured"
    verdicts = [
        Verdict(target="write of 200 B, median, against orjson.dumps", bound=3, at_most=True, reached=floor, unit="x"),
        Verdict(
            target="CPU a record of 200 B, against published", bound=0.13, at_most=True, reached=cpu, unit="x", note=why
        ),
        Verdict(
            target="200 B from end to end, against published", bound=5, at_most=False, reached=speed, unit="x", note=why
        ),
    ]
    for size, rows in sizes.items():
        if cells := rows.get("panoply"):
            requests = max(cell["requests"] / max(1, len(cell["sizes"])) for cell in cells)
            full = [share for cell in cells if (share := fill(cell["sizes"], MESSAGE_LIMIT)) is not None]
            verdicts.append(Verdict(target=f"requests a message, {size}", bound=1, at_most=True, reached=requests))
            verdicts.append(
                Verdict(
                    target=f"messages are full, {size}",
                    bound=95,
                    at_most=False,
                    reached=min(full) * 100 if full else None,
                    unit=" %",
                    note="" if full else "too few messages",
                )
            )
    return verdicts


def _tls(rows: Mapping[str, Any]) -> Verdict:
    four, one = rows.get("panoply, max_in_flight=4"), rows.get("panoply, max_in_flight=1")
    both = bool(four and one)
    return Verdict(
        target="20 ms away over TLS, four messages in flight against one",
        bound=3,
        at_most=False,
        reached=median_ratio(one, four, lambda cell: cell["seconds"]) if four and one else None,
        unit="x",
        note="" if both else "not measured",
    )


def _memory(found: Mapping[str, Any]) -> list[Verdict]:
    cells = found["rows"].get("panoply")
    if not cells:
        return []
    bound = found["limit"] / _MIB + 40
    before = median_of(cells, lambda cell: cell["before"]) / _MIB
    return [
        Verdict(
            target="memory with a far end that hangs, peak of the whole process",
            bound=bound,
            at_most=True,
            reached=median_of(cells, lambda cell: cell["peak"]) / _MIB,
            unit=" MiB",
            note=f"of which {before:.0f} before the SDK: Python, this harness and its records",
        )
    ]


def _spool(found: Mapping[str, Any]) -> list[Verdict]:
    rows = found["rows"]
    both = rows["with"] and len(rows["with"]) == len(rows["without"])
    return [
        Verdict(
            target="write of 200 B with the spool, against without",
            bound=10,
            at_most=True,
            reached=median_ratio(rows["with"], rows["without"], lambda cell: cell["write"]["median"]) if both else None,
            unit="x",
            note="" if both else "not measured",
        ),
        Verdict(
            target="records lost by SIGKILL with the spool",
            bound=0,
            at_most=True,
            reached=found["lost"] if found["accepted"] else None,
            note=f"of {found['accepted']} taken over",
        ),
    ]


def _import(found: Mapping[str, Any]) -> list[Verdict]:
    middle = {name: statistics.median(seconds) for name, seconds in found["seconds"].items()}
    bare = middle["bare"]
    against = next(name for name in ("what published imports", "boto3", "json") if name in middle)
    published = middle[against] - bare
    verdicts = [
        Verdict(
            target=f"{name} adds to bare Python, against {against}",
            bound=1 / 6,
            at_most=True,
            reached=max(0.0, middle[name] - bare) / published,
            unit="x",
            note=f"{(middle[name] - bare) * 1e3:.1f} ms against {published * 1e3:.0f} ms",
        )
        for name in ("import panoply", "panoply.SDK")
    ]
    verdicts.append(
        Verdict(target="boto3 imported with panoply.SDK", bound=0, at_most=True, reached=float(found["boto3"]))
    )
    return verdicts


def _leaks(rows: Mapping[str, Any]) -> list[Verdict]:
    ours, theirs = rows.get("panoply_testing"), rows.get("plain Python")
    if not ours:
        return []
    verdicts = [
        Verdict(
            target=f"looking for 5 credentials in {kind}",
            bound=100,
            at_most=False,
            reached=median_of(ours, lambda cell, kind=kind: cell["speed"][kind]),  # type: ignore[misc]
            unit=" MB/s",
        )
        for kind in KINDS
    ]
    ratios = [
        median_ratio(ours, theirs, lambda cell, kind=kind: cell["speed"][kind])  # type: ignore[misc]
        for kind in KINDS
        if theirs
    ]
    ready = median_of(ours, lambda cell: cell["ready"]) * 1e3
    return [
        *verdicts,
        Verdict(
            target="looking for credentials, against plain Python",
            bound=5,
            at_most=False,
            reached=min(ratios, default=None),
            unit="x",
            note="" if ratios else "those were not measured",
        ),
        Verdict(target="getting ready to look for 5 credentials", bound=5, at_most=True, reached=ready, unit=" ms"),
    ]
