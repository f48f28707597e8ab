"""The rule about `n`: any sequence of hints gives the same records."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from panoply_testing.checks._compare import Baseline, baseline_of, examples
from panoply_testing.checks._runs import count, location, what_happened
from panoply_testing.findings import Finding, Verdict, failed, passed

if TYPE_CHECKING:
    from panoply_testing.checks import Context
    from panoply_testing.observation import Observation

__all__ = ["read_treats_n_as_a_hint"]

# Tried before anything is drawn: each by itself breaks many sources. The last hint is used for all reads that follow.
ALWAYS: Final[tuple[tuple[int | None, ...], ...]] = ((1,), (None,), (1, 1000), (10**9,), (7, None, 2, 1000))

# Above so many records, reading them one by one takes longer than it can teach.
ONE_BY_ONE: Final = 2_000

# How many records a source that takes every hint at its word is made to read in small bites.
BITES: Final = 200

# Runs that making a failing sequence smaller may take, beyond those in which it was found.
MOST_RUNS: Final = 60


@dataclass(slots=True)
class _Search:
    """Looks for a sequence of hints that gives other records."""

    context: Context
    base: Baseline
    tried: int = 0
    failing: tuple[int | None, ...] | None = None
    runs: dict[tuple[int | None, ...], Observation] = field(default_factory=dict)

    def fails(self, hints: tuple[int | None, ...]) -> bool:
        run = self.run(hints)
        # Each has to come to its end with the very same records.
        wrong = not run.reached_eof or run.prints() != self.base.prints
        if wrong:
            self.failing = hints
        return wrong

    def run(self, hints: tuple[int | None, ...]) -> Observation:
        hints = _shortest(hints)
        if hints not in self.runs:
            self.tried += 1
            self.runs[hints] = self.context.ask(self.base.with_hints(hints))
        return self.runs[hints]


def read_treats_n_as_a_hint(context: Context) -> Verdict:
    """Sequences of hints: some that break many sources, then such as hypothesis draws, the failing one made small."""
    base = baseline_of(context)
    if isinstance(base, Verdict):
        return base
    search = _Search(context, base)
    total = base.prints.total()
    # A record may take a read of its own, beyond those that the source needs in any case.
    room = max(1, context.max_reads - len(base.clean.reads))
    one_by_one, bites = min(ONE_BY_ONE, room), min(BITES, room)
    if context.hints is not None:
        search.fails(context.hints)
    else:
        tail = (1,) if total <= one_by_one else (1,) * bites + (1000,)
        always = [tail if hints == (1,) else hints for hints in ALWAYS]
        # A whole one that fails says most, so hypothesis starts from there.
        first = next((hints for hints in always if search.fails(hints)), None)
        if first is None or len(first) > 1:
            _draw(search, first, total, one_by_one)
    if search.failing is None:
        return passed(f"{count(search.tried, 'sequence')} of hints, {count(total, 'record')} each", *base.notes)
    return failed(_finding(context, base, search.run(search.failing), search.failing), notes=base.notes)


def _draw(search: _Search, known: tuple[int | None, ...] | None, total: int, one_by_one: int) -> None:
    """Let hypothesis look for a failing sequence, or make the known one smaller."""
    from hypothesis import HealthCheck, Phase, find, settings  # noqa: PLC0415 - heavy, and only here
    from hypothesis import strategies as st  # noqa: PLC0415
    from hypothesis.errors import NoSuchExample  # noqa: PLC0415

    sizes = st.one_of(st.integers(1, 3), st.integers(1, max(3, total + 2)), st.sampled_from([1000, 10**6]), st.none())
    drawn = st.lists(sizes, min_size=1, max_size=6).map(tuple)
    strategy = drawn if total <= one_by_one else drawn.map(lambda hints: (*hints, 1000))
    budget = search.tried + MOST_RUNS

    def fails(hints: tuple[int | None, ...]) -> bool:
        return search.tried < budget and search.fails(hints)

    try:
        found = find(
            strategy,
            fails,
            settings=settings(
                max_examples=search.context.most_hints,
                database=None,
                deadline=None,
                phases=(Phase.generate, Phase.shrink),
                suppress_health_check=list(HealthCheck),
            ),
            random=_random(search.context.seed),
        )
    except NoSuchExample:
        search.failing = known
    else:
        search.failing = found if known is None or len(found) <= len(known) else known


def _random(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311 - a sample, no secret


def _shortest(hints: tuple[int | None, ...]) -> tuple[int | None, ...]:
    """The same sequence, without what repeats at its end: the last hint is used for all reads that follow."""
    while len(hints) > 1 and hints[-1] == hints[-2]:
        hints = hints[:-1]
    return hints


def _finding(context: Context, base: Baseline, run: Observation, hints: tuple[int | None, ...]) -> Finding:
    hints = _shortest(hints)
    written = ", ".join(map(str, hints))
    place = f"reads with n = {written}" + (" and so on" if len(hints) > 1 else " each time")
    expected = f"the same {count(base.prints.total(), 'record')} as with n = 1000"
    replay = f"--panoply-hints={written.replace(' ', '')}"
    fix = (
        "Let n only say how many records are welcome: take at most about n from what is left, keep the rest on self for the "
        "next call, and keep the position apart from n."
    )
    if not run.reached_eof:
        raised = next((step for step in reversed(run.reads) if step.raised is not None), None)
        return Finding(
            place=place,
            expected=expected,
            received=what_happened(run),
            fix=fix,
            source=location(run, raised) if raised is not None else run.stuck_at or location(run),
            detail=raised.raised.frames if raised is not None and raised.raised is not None else run.stack,
            replay=replay,
        )
    got = run.prints()
    missing, surplus = base.missing(got), base.surplus(got)
    parts = []
    if missing:
        parts.append(
            f"{count(missing.total(), 'record is', 'records are')} missing, first of all {examples(context, base.clean, missing)}"
        )
    if surplus:
        parts.append(f"{surplus.total():,} came too often, first of all {examples(context, run, surplus)}")
    return Finding(
        place=place,
        expected=expected,
        received=f"{count(got.total(), 'record')}; {'; '.join(parts)}",
        fix=fix,
        source=location(run),
        replay=replay,
    )
