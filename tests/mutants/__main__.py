"""`python tests/mutants [MODULE ...]`: in which ways the checks could be broken without anybody noticing.

It breaks panoply_testing/checks in one small place at a time, judges what the sources of tests/sources let out again, and
tells which mutants change no verdict and fail no unit test. survivors.toml says of each of these why that is right, and
in which modules nobody has looked yet; the exit code is 1 if there are others.
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import gc
import os
import shutil
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

# As pytest is told in pyproject.toml.
sys.path.insert(1, str(Path(__file__).parents[1] / "panoply_testing"))

import recordings
from cases import CHECKS
from far_end import FarEnd
from judging import judgement
from mutations import mutants_of
from survivors import Report, explained, pending
from test_checks import CHEAP, RIGHT, TEXTS, WRONG
from trying import Bench, fates, prepare, unbroken_units

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from cases import Case
    from far_end import Address
    from judging import Judgement
    from recordings import Recording

    from panoply_testing.observation import Observation
    from panoply_testing.plans import Plan

# How often a source is recorded before it is said that it fails something else than it should.
TRIES = 3


def checks_of(case: Case) -> list[str]:
    """The checks that test_checks asks of a source."""
    return [name for name in CHECKS if case.wrong is None or name in {*CHEAP, *case.breaks}]


def is_as_meant(case: Case, judgements: Iterable[Judgement]) -> bool:
    """Whether a source fails what test_checks wants it to fail."""
    failed = {each.check for each in judgements if each.outcome == "failed"}
    return failed == case.breaks if case.wrong else failed <= case.may_warn


def as_it_is(case: Case, folder: Path, address: Address) -> list[Judgement]:
    """What the checks say of a source, from recorded runs; those that are not recorded are made, and recorded.

    Nothing: the source fails something else than it should, time and again.
    """
    recording = recordings.recording_of(case, folder)
    for _ in range(TRIES):
        known, make = len(recording.runs), recordings.live(recording, address)

        def ask(plan: Plan, recording: Recording = recording, make: recordings.Ask = make) -> Observation:
            return recording.runs.setdefault(plan, make(plan))

        found = [
            judgement(case, check, ask, in_full=str(case) in TEXTS and check == case.wrong) for check in checks_of(case)
        ]
        if is_as_meant(case, found):
            if len(recording.runs) > known:
                recording.save()
            return found
        # Some sources are wrong, or right, by parts of a second: not where the machine is busy.
        recordings.forget(recording)
        recording = recordings.recording_of(case, folder)
    return []


def bench_of(cases: list[Case], folder: Path, address: Address, jobs: int) -> Bench:
    """Judge everything as it is, by which all recordings come up to date; forget those that are of no use any more."""
    prepare()
    fate = unbroken_units()
    if not fate.survives:
        raise RuntimeError(f"As the checks are, a unit test fails: {fate.by}. See make test.")
    with ProcessPoolExecutor(jobs) as pool:
        found = list(pool.map(functools.partial(as_it_is, folder=folder, address=address), cases))
    for case, judgements in zip(cases, found, strict=True):
        if not judgements:
            print(f"Left out, as it does not fail what it should, here and now: {case}. See make test.")
    of_all = {str(case): recordings.recording_of(case, folder) for case in cases}
    in_use = tuple(recording.path.stem for recording in of_all.values())
    for path in folder.rglob("*.pickle"):
        if not path.stem.startswith(in_use):
            path.unlink()
    return Bench(of_all, {each.id: each for judgements in found for each in judgements}, address)


@contextlib.contextmanager
def far_end(folder: Path) -> Iterator[Address]:
    """The far end, at the port at which the recordings know it."""
    folder.mkdir(parents=True, exist_ok=True)
    known = folder / "port"
    with contextlib.ExitStack() as stack:
        running = FarEnd(int(known.read_text(encoding="ascii")) if known.is_file() else 0)
        try:
            stack.enter_context(running)
        except ValueError:
            # Something else listens there by now.
            shutil.rmtree(folder)
            folder.mkdir()
            running = stack.enter_context(FarEnd())
        known.write_text(str(running.address.port), encoding="ascii")
        yield running.address


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("modules", nargs="*", help="only these of the checks, such as faults or _compare")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--folder", type=Path, default=recordings.ROOT / "build" / "mutants", help="of the recordings")
    asked = parser.parse_args()
    started = time.monotonic()

    def say(text: str) -> None:
        print(f"{text} ({(time.monotonic() - started) / 60:.1f} minutes)", file=sys.stderr, flush=True)

    paths = [path for path in sorted(recordings.CHECKS.glob("*.py")) if not asked.modules or path.stem in asked.modules]
    with ProcessPoolExecutor(asked.jobs) as pool:
        mutants = [mutant for found in pool.map(mutants_of, paths) for mutant in found]
    say(f"{len(mutants)} mutants of {len(paths)} modules")
    with far_end(asked.folder) as address, tempfile.TemporaryDirectory() as litter:
        # What sources leave behind.
        tempfile.tempdir = litter
        cases = [*WRONG, *RIGHT]
        bench = bench_of(cases, asked.folder, address, asked.jobs)
        say(f"{len(bench.judgements)} verdicts on {len(cases)} sources, as the tests want them")
        # Children share what is here already, as long as nobody touches it.
        gc.freeze()
        report = Report([], explained(), pending())
        for number, (mutant, fate) in enumerate(fates(bench, mutants, report.reasons, asked.jobs), 1):
            report.fates.append((mutant, fate))
            if number % 100 == 0:
                say(f"{number} are tried")
        tempfile.tempdir = None
    (asked.folder / "fates.jsonl").write_text("\n".join(report.lines()) + "\n", encoding="utf-8")
    print(report.text(complete=not asked.modules))
    say("done")
    return 0 if report.is_right else 1


if __name__ == "__main__":
    sys.exit(main())
