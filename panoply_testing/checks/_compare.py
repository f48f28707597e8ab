"""Compares the records of runs: which are missing, which came twice, and how to show some of them."""

from __future__ import annotations

from array import array
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from panoply_testing.checks._runs import broke_off, count, no_reading, provide
from panoply_testing.findings import Verdict, skipped
from panoply_testing.observation import PRINT
from panoply_testing.plans import AGAIN, CLEAN, Plan

if TYPE_CHECKING:
    from panoply_testing.checks import Context
    from panoply_testing.observation import Observation

__all__ = ["Baseline", "baseline_of", "examples", "in_several_batches", "with_hints"]

# How many records a message shows.
SHOWN = 3

# Batches that a run should have where it matters what comes between two of them, or after the first.
SEVERAL = 3

# Into how many a run is cut that has fewer.
_CUTS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """What a run of the source gives when nothing is in its way: other runs are compared with it.

    Attributes:
        clean: that run. `prints`: its records.
        ignoring: columns that are left out, because they differ from run to run.
    """

    clean: Observation
    prints: Counter[int]
    ignoring: tuple[str, ...] = ()

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader should know of the comparison."""
        if not self.ignoring:
            return ()
        names = ", ".join(self.ignoring)
        return (f"Not compared, since two clean runs already differ there: {names}.",)

    @property
    def most_reads(self) -> int:
        """How many reads any other run may take: a source that goes on and on shows it soon."""
        return 3 * len(self.clean.reads) + 50

    def plan(self, plan: Plan) -> Plan:
        """The plan, so that its records can be compared with these."""
        return replace(plan, ignoring=self.ignoring)

    def with_hints(self, hints: tuple[int | None, ...]) -> Plan:
        """A run like the clean one, but for the arguments of `read()`."""
        about = f"read with n = {', '.join(map(str, hints))}"
        # A source may give one record for each that it is asked for, and as many empty batches as it likes.
        most = self.most_reads + 2 * self.prints.total()
        return self.plan(Plan(about=about, hints=hints, most_reads=most))

    def missing(self, got: Counter[int]) -> Counter[int]:
        """The records that are lacking in a run."""
        return self.prints - got

    def surplus(self, got: Counter[int]) -> Counter[int]:
        """The records that came more often in a run, or that are others."""
        return got - self.prints


def baseline_of(context: Context) -> Baseline | Verdict:  # noqa: PLR0911 - each reason for which nothing can be compared
    """What to compare with, or why there is nothing to compare with.

    Two clean runs are compared first. Columns that differ between them (the time at which a record was read) do not count.
    """
    clean = context.ask(CLEAN)
    verdict = no_reading(clean)
    if verdict is not None:
        return verdict
    if not clean.reached_eof:
        reason = broke_off(clean) or "EOF never came"
        return skipped(f"There is no whole run to compare with, because {reason}: see read_ends_with_none.")
    if not clean.records:
        return skipped(f"There were no records to compare: {provide(clean)}.")
    again = context.ask(AGAIN)
    prints = clean.prints()
    if again.prints() == prints:
        return Baseline(clean=clean, prints=prints)
    if again.records != clean.records:
        return skipped(
            f"Two clean runs gave {count(clean.records, 'record')} and {count(again.records, 'record')}: what the far end holds "
            "changes meanwhile, so that nothing can be compared. Provide params for data that stay as they are, such as a "
            "range of dates in the past, or a local far end (the fixture panoply_params)."
        )
    third = context.ask(replace(AGAIN, about="a third run from start to end"))
    sums = dict(third.columns)
    ignoring = tuple(name for name, value in again.columns if sums.get(name) != value)
    first, second = (context.ask(replace(plan, ignoring=ignoring)) for plan in (CLEAN, AGAIN))
    if not ignoring or first.prints() != second.prints():
        return skipped(
            "Two clean runs gave different records, and no columns of their own in which they differ, so that nothing can be "
            "compared. Provide params for data that stay as they are."
        )
    return Baseline(clean=first, prints=first.prints(), ignoring=ignoring)


def in_several_batches(context: Context, base: Baseline) -> Observation:
    """A clean run that is not over with its first batches.

    A source that takes n at its word gives all there is in one batch, if the data at hand are few: then it is asked for less
    at a time. Where that gives other records, or no more batches, the run of the baseline has to do.
    """
    total = base.prints.total()
    if _filled(base.clean) >= SEVERAL or total < SEVERAL:
        return base.clean
    hint = max(1, total // _CUTS)
    run = context.ask(base.with_hints((hint,)))
    more = _filled(run) > _filled(base.clean)
    return run if more and run.reached_eof and run.prints() == base.prints else base.clean


def _filled(run: Observation) -> int:
    return sum(step.batch is not None and step.batch.records > 0 for step in run.batches)


def with_hints(run: Observation) -> str:
    """What a place is to say of the hints of a run, where they are not the usual ones: ", read with n = 25"."""
    if run.plan.hints == CLEAN.hints or not run.plan.hints:
        return ""
    return f", read with n = {', '.join(map(str, run.plan.hints))}"


def examples(context: Context, run: Observation, prints: Counter[int]) -> str:
    """Some of these records, as `run` gave them: "read 2, record 0 {id: 17}; read 2, record 1 {id: 18}"."""
    wanted, numbers, position = Counter(prints), list[int](), 0
    for step in run.of("read"):
        if step.batch is None or step.after_eof:
            continue
        for each in array(PRINT, step.batch.prints):
            if wanted[each] > 0 and len(numbers) < SHOWN:
                wanted[each] -= 1
                numbers.append(position)
            position += 1
    if not numbers:
        return ""
    shown = context.ask(replace(run.plan, show=tuple(numbers))).shown
    return "; ".join(f"read {each.read}, record {each.index} {each.text}" for each in shown)
