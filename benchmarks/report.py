"""A run's results as text for readers."""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING, Any, Final

from benchmarks.figures import fill, median_of, median_ratio, spread
from benchmarks.leaks import KINDS
from benchmarks.rivals import MESSAGE_LIMIT, RIVALS, named

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from benchmarks.figures import Verdict
    from benchmarks.scenarios import Run

__all__ = ["table", "text"]

_MIB: Final = 1024 * 1024
_NONE: Final = "-"


def text(run: Run, verdicts: Sequence[Verdict]) -> str:
    """Everything that was measured, what was skipped, and the targets."""
    return "\n".join(_lines(run, verdicts))


def _lines(run: Run, verdicts: Sequence[Verdict]) -> Iterator[str]:
    for name, shown in _SHOWN.items():
        if name in run.results:
            yield from shown(run.results[name], run.rounds)
    for title, lines in (
        ("Skipped", list(dict.fromkeys(run.skipped))),
        ("Targets", [verdict.line for verdict in verdicts]),
        ("BROKEN", run.broken),
    ):
        if lines:
            yield f"\n{title}"
            yield from (f"  {line}" for line in lines)


def _write(sizes: Mapping[str, Any], rounds: int) -> Iterator[str]:
    for size, rows in sizes.items():
        if rows:
            yield f"\nRecords of {size}, a far end that answers at once (medians of {rounds} rounds)\n"
            yield table(_HEAD, [*_floor_rows(rows), *(_row(name, rows) for name in rows)])
    yield ""
    for rival in RIVALS:
        if any(rival.name in rows for rows in sizes.values()):
            yield f"  {rival.name}: {rival.settings}"


def _tls(rows: Mapping[str, Any], rounds: int) -> Iterator[str]:
    yield f"\nRecords of 200 B, over TLS to a far end that takes 20 ms to reply (medians of {rounds} rounds)\n"
    yield table(
        ["", "records/s", "CPU us", "requests", "connections"],
        [
            [
                name,
                f"{median_of(cells, _rate):,.0f}",
                f"{median_of(cells, _cpu) * 1e6:.2f}",
                f"{median_of(cells, lambda cell: cell['requests']):.0f}",
                f"{median_of(cells, lambda cell: cell['connections']):.0f}",
            ]
            for name, cells in rows.items()
        ],
    )


def _memory(found: Mapping[str, Any], _: int) -> Iterator[str]:
    rows = found["rows"]
    if rows:
        yield f"\n{next(iter(rows.values()))[0]['count']:,} records of 200 B, a far end that hangs\n"
        yield table(
            ["", "before MiB", "peak MiB", "refused"],
            [
                [name, *(f"{cell[each] / _MIB:.0f}" for each in ("before", "peak")), f"{cell['refused']:,}"]
                for name, (cell,) in rows.items()
            ],
        )


def _spool(found: Mapping[str, Any], rounds: int) -> Iterator[str]:
    rows = {f"panoply, {name} spool": cells for name, cells in found["rows"].items() if cells}
    yield f"\nRecords of 200 B with the spool (medians of {rounds} rounds)\n"
    yield table(_HEAD, [_row(name, rows, rival="panoply") for name in rows])


def _imports(found: Mapping[str, Any], _: int) -> Iterator[str]:
    seconds = found["seconds"]
    bare = statistics.median(seconds["bare"])
    yield f"\nImports, milliseconds that they add to bare Python ({bare * 1e3:.1f}; medians of {len(seconds['bare'])})\n"
    yield table(
        ["", "adds ms"],
        [[name, f"{(statistics.median(taken) - bare) * 1e3:.1f}"] for name, taken in seconds.items() if name != "bare"],
    )


def _leaks(rows: Mapping[str, Any], rounds: int) -> Iterator[str]:
    yield f"\nLooking for 5 credentials in text that holds none, MB/s of CPU time (medians of {rounds} rounds)\n"
    yield table(
        ["", "ready ms", *KINDS],
        [
            [
                name,
                f"{median_of(cells, lambda cell: cell['ready']) * 1e3:.2f}",
                *(f"{statistics.median(cell['speed'][kind] for cell in cells):,.0f}" for kind in KINDS),
            ]
            for name, cells in rows.items()
        ],
    )


_SHOWN: Final[Mapping[str, Callable[[Any, int], Iterator[str]]]] = {
    "write": _write,
    "tls": _tls,
    "memory": _memory,
    "spool": _spool,
    "import": _imports,
    "leaks": _leaks,
}

_HEAD: Final = [
    "",
    "write us",
    "x orjson",
    "p99 us",
    "mean us",
    "records/s",
    "CPU us",
    "x publ.",
    "mem MiB",
    "requests",
    "full %",
    "spread",
]


def _row(name: str, rows: Mapping[str, Any], *, rival: str | None = None) -> list[str]:
    cells, published = rows[name], rows.get("published")
    sqs = named(rival or name).sqs
    full = [share for cell in cells if (share := fill(cell["sizes"], MESSAGE_LIMIT)) is not None] if sqs else []
    return [
        name,
        f"{median_of(cells, lambda cell: cell['write']['median']) / 1e3:.2f}",
        f"{statistics.median(_to_floor(cell) for cell in cells):.1f}",
        f"{median_of(cells, lambda cell: cell['write']['p99']) / 1e3:.2f}",
        f"{median_of(cells, lambda cell: cell['write']['mean']) / 1e3:.2f}",
        f"{median_of(cells, _rate):,.0f}",
        f"{median_of(cells, _cpu) * 1e6:.2f}",
        f"{median_ratio(cells, published, _cpu):.2f}" if published else _NONE,
        f"{median_of(cells, lambda cell: cell['memory']) / _MIB:.1f}",
        f"{median_of(cells, lambda cell: cell['requests']):.0f}",
        f"{statistics.median(full) * 100:.1f}" if full else _NONE,
        f"{spread(cells, _rate) * 100:.0f} %",
    ]


def _floor_rows(rows: Mapping[str, Any]) -> Iterator[list[str]]:
    """The floors were timed in every cell, before the rival was imported."""
    cells = [cell for found in rows.values() for cell in found]
    orjson = statistics.median(cell["floors"]["orjson.dumps"]["median"] for cell in cells)
    for name in ("orjson.dumps", "json.dumps"):
        found = [cell["floors"][name] for cell in cells]
        middle, p99, mean = (statistics.median(each[what] for each in found) for what in ("median", "p99", "mean"))
        yield [
            f"{name}, no network",
            f"{middle / 1e3:.2f}",
            f"{middle / orjson:.1f}",
            f"{p99 / 1e3:.2f}",
            f"{mean / 1e3:.2f}",
            f"{1e9 / mean:,.0f}",
            f"{mean / 1e3:.2f}",
            *[_NONE] * 5,
        ]


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Columns side by side: the first one to the left, numbers to the right."""
    widths = [max(len(row[place]) for row in (head, *rows)) for place in range(len(head))]
    return "\n".join(
        "  " + "  ".join([row[0].ljust(widths[0]), *(map(str.rjust, row[1:], widths[1:]))]).rstrip()
        for row in (head, *rows)
    )


def _rate(cell: Mapping[str, Any]) -> float:
    return float(cell["count"] / cell["seconds"])


def _cpu(cell: Mapping[str, Any]) -> float:
    return float(cell["cpu"] / cell["count"])


def _to_floor(cell: Mapping[str, Any]) -> float:
    return float(cell["write"]["median"] / cell["floors"]["orjson.dumps"]["median"])
