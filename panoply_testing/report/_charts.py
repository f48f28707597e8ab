"""The charts of one run, as inline SVG: sizes of batches, time of each read, progress over time.

The drawing is stretched to whatever width there is, so text is kept out of it: letters would be stretched with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from typing import TYPE_CHECKING, Final

from panoply_testing.report._markup import NOTHING, Safe, joined, tag
from panoply_testing.report._words import count, duration, number

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from panoply_testing.report.model import ReadFacts, RunFacts

__all__ = ["charts"]

HEIGHT: Final = 100
WIDTH: Final = 1000

# A single bar as wide as the page says nothing: none is wider than it would be among so many.
FEWEST_BARS: Final = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class _Frame:
    """What stands around a drawing: its caption, and the ends of its axes."""

    key: str
    heading: str
    summary: str
    top: str
    left: str
    right: str
    legend: Safe = NOTHING

    def around(self, drawing: Safe, width: float) -> Safe:
        svg = tag(
            "svg",
            tag("title", f"{self.heading}: {self.summary}", id=f"{self.key}-title"),
            *(tag("line", class_="grid", x1=0, x2=width, y1=y, y2=y) for y in (0, HEIGHT / 2, HEIGHT)),
            drawing,
            role="img",
            aria_labelledby=f"{self.key}-title",
            viewBox=f"0 0 {width:g} {HEIGHT}",
            preserveAspectRatio="none",
        )
        return tag(
            "figure",
            tag("figcaption", tag("strong", self.heading), " ", tag("span", self.summary), self.legend),
            tag("div", self.top, class_="top"),
            svg,
            tag("div", tag("span", self.left), tag("span", self.right), class_="axis"),
        )


def charts(run: RunFacts, key: str) -> Safe:
    """All charts that the run has numbers for. `key` begins the ids of their elements."""
    if not run.reads:
        return NOTHING
    thinned = len(run.reads) < run.read_count
    note = f"Shown are {len(run.reads):,} of {run.read_count:,} reads, the extremes among them." if thinned else ""
    drawn = (
        _batches(run.reads, f"{key}-batches"),
        _times(run.reads, f"{key}-times"),
        _progress(run, f"{key}-progress"),
    )
    return joined([tag("div", *drawn, class_="charts"), tag("p", note, class_="quiet") if note else NOTHING])


def _batches(reads: Sequence[ReadFacts], key: str) -> Safe:
    given = [(read.number, read.records) for read in reads if read.records is not None]
    if not given:
        return NOTHING
    sizes = [size for _, size in given]
    least, most = min(sizes), max(sizes)
    spread = (
        f" to {most:,} records, median {number(median(sizes))}"
        if least != most
        else f" {'record' if most == 1 else 'records'}"
    )
    frame = _Frame(
        key=key,
        heading="Batch sizes",
        summary=f"{count(len(sizes), 'batch', 'batches')} of {least:,}{spread}",
        top=count(most, "record"),
        left=f"read {given[0][0]:,}",
        right=f"read {given[-1][0]:,}",
    )
    return _bars(frame, [(size, f"read {at:,}: {count(size, 'record')}", "bar") for at, size in given])


def _times(reads: Sequence[ReadFacts], key: str) -> Safe:
    times = [read.seconds for read in reads]
    raised = sum(bool(read.raised) for read in reads)
    waited = sum(read.waited for read in reads)
    parts = [f"median {duration(median(times))}, longest {duration(max(times))}"]
    parts += [f"{raised:,} raised"] if raised else []
    parts += [f"{duration(waited)} of waiting left out"] if waited else []
    frame = _Frame(
        key=key,
        heading="Time per read",
        summary=", ".join(parts),
        top=duration(max(times)),
        left=f"read {reads[0].number:,}",
        right=f"read {reads[-1].number:,}",
        legend=_legend(("bar", "gave a batch, or the end"), ("bar raised", "raised")) if raised else NOTHING,
    )
    return _bars(frame, [(read.seconds, _told(read), "bar raised" if read.raised else "bar") for read in reads])


def _told(read: ReadFacts) -> str:
    raised = f", raised {read.raised}" if read.raised else ""
    return f"read {read.number:,}: {duration(read.seconds)}{raised}"


def _bars(frame: _Frame, bars: Sequence[tuple[float, str, str]]) -> Safe:
    highest = max(value for value, _, _ in bars) or 1
    width = 0.8 * min(1, len(bars) / FEWEST_BARS)

    def bar(position: int, value: float, told: str, kind: str) -> Safe:
        # One that is there is to be seen, however small.
        height = max(value / highest * HEIGHT, 1.0 if value else 0.0)
        return tag(
            "rect",
            tag("title", told),
            class_=kind,
            x=f"{position + (1 - width) / 2:.3f}",
            y=f"{HEIGHT - height:.2f}",
            width=f"{width:.3f}",
            height=f"{height:.2f}",
        )

    return frame.around(joined(bar(position, *each) for position, each in enumerate(bars)), len(bars))


def _progress(run: RunFacts, key: str) -> Safe:
    told = [read for read in run.reads if read.loaded is not None]
    if not told:
        return NOTHING
    end = max(read.at + read.seconds for read in told) or 1
    highest = max(0, *(max(read.loaded or 0, read.total or 0) for read in told)) or 1
    last, totals = told[-1], any(read.total is not None for read in told)
    of = "" if last.total is None else f" of {number(last.total)}"
    frame = _Frame(
        key=key,
        heading="Progress over time",
        summary=f"{number(last.loaded or 0)}{of} at the end",
        top=number(highest),
        left="0 s",
        right=duration(end),
        legend=_legend(("line loaded", "loaded"), *([("line total", "total")] if totals else [])),
    )

    def curve(kind: str, value: Callable[[ReadFacts], float | None]) -> Safe:
        points = [((read.at + read.seconds) / end, each) for read in told if (each := value(read)) is not None]
        # Counts below zero are a fault of the source's, and there is no room for them.
        text = " ".join(f"{x * WIDTH:.1f},{HEIGHT - max(0.0, y / highest) * HEIGHT:.1f}" for x, y in points)
        # A line between a point and itself has no length: a single point is drawn as a level.
        text = f"0,{text.partition(',')[2]} {text}" if len(points) == 1 else text
        return tag("polyline", class_=f"line {kind}", points=text)

    return frame.around(joined([curve("total", _total) if totals else NOTHING, curve("loaded", _loaded)]), WIDTH)


def _loaded(read: ReadFacts) -> float | None:
    return read.loaded


def _total(read: ReadFacts) -> float | None:
    return read.total


def _legend(*entries: tuple[str, str]) -> Safe:
    return tag("span", *(tag("span", tag("i", class_=kind), text) for kind, text in entries), class_="legend")
