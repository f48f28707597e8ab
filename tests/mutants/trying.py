"""Tries mutants, each in processes of its own: on the recordings, then by the unit tests, then by the runs that it asks for."""

from __future__ import annotations

import contextlib
import functools
import importlib
import io
import json
import os
import resource
import select
import signal
import sys
import time
import traceback
from collections import Counter
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import pytest
import recordings
from judging import chosen, judge, outcome_of, put_in_place

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator

    from far_end import Address
    from judging import Judgement
    from mutations import Mutant
    from recordings import Recording
    from survivors import Key

    from panoply_testing.observation import Observation
    from panoply_testing.plans import Plan

TESTS = Path(__file__).parents[1] / "panoply_testing"

# Unit tests that judge observations made by hand, and the modules that they are about. Those that make runs take too long.
UNITS = {
    # Of all modules.
    "test_verdicts.py": None,
    "test_points.py": {"_points", "_spread"},
    "test_proxied_faults.py": {"_compare", "_runs", "faults"},
    "test_config_checks.py": {"_runs", "config"},
    "test_footprint.py::test_one_and_the_same_thing_in_several_runs_is_one_finding": {"_footprints"},
    "test_footprint.py::test_it_is_known_whether_a_module_was_imported_at_all": {"_footprints"},
    "test_checks.py::test_the_same_fault_with_other_numbers_is_told_once": {"_runs"},
    "test_breakages.py::TestNaming": {"_messages"},
    "test_breakages.py::test_a_choice_among_many_is_the_same_for_a_seed_and_leaves_no_param_out": {"bad_params"},
    "test_drive.py::test_what_the_kit_failed_to_watch_is_no_reason_to_pass": {"_runs"},
}

# Seconds of work. A mutant that takes longer to judge what takes some seconds goes on for ever.
WORK = 30
# Seconds of waiting, for one that does no work.
PATIENCE = 600.0
# Runs that a mutant asks for and that nobody recorded are made for so many seconds, those first that are meant for the check.
RUNNING = 40.0
# What a mutant may take of memory beyond what there is.
MEMORY = 3 * 2**30


# The plugins that the unit tests need; to look for all that are installed takes longer than the tests themselves, and so
# does what looks for credentials in their output.
_PLUGINS = ("-p", "no:cacheprovider", "-p", "no:printed", "-p", "pytest_timeout", "-p", "panoply_testing.plugin")

# What each process would otherwise import for itself.
_HEAVY = (
    "hypothesis.strategies",
    "panoply_testing.fixtures",
    "panoply_testing.masked",
    "panoply_testing.source_contract",
)


@dataclass(frozen=True)
class Fate:
    """What became of a mutant.

    Attributes:
        how: "verdict": one of a source changes so that test_checks fails; "unit": a unit test fails; "endless": it was waited
            for in vain; "silent": only between passed and skipped does a verdict change, which no test asserts; "alive".
        by: what noticed it. `missing`: the judgements that need runs which nobody recorded.
    """

    how: str = "alive"
    by: str = ""
    missing: tuple[str, ...] = ()

    @property
    def survives(self) -> bool:
        return self.how in {"silent", "alive"}


@dataclass
class Bench:
    """All that mutants are tried on: the recordings, and what the checks say of them as they are."""

    recordings: dict[str, Recording]
    judgements: dict[str, Judgement]
    address: Address
    killers: Counter[str] = field(default_factory=Counter)

    def recorded(self, mutant: Mutant) -> Fate:
        """Judge the recordings again."""
        fate, missing = Fate(), []
        # What has noticed others may well notice this one.
        concerned = sorted(chosen(self.judgements.values(), mutant), key=lambda each: -self.killers[each.id])
        for each in concerned:
            recording = self.recordings[each.source]
            lacking: list[Plan] = []

            def ask(plan: Plan, recording: Recording = recording, lacking: list[Plan] = lacking) -> Observation:
                run = recording.of(plan)
                if run is None:
                    lacking.append(plan)
                    raise recordings.Missing(plan)
                return run

            how = self._judged(each, recording, ask)
            if lacking:
                missing.append(each.id)
            elif how == "verdict":
                return Fate(how, each.id)
            elif how == "silent" and fate.how == "alive":
                fate = Fate(how, each.id)
        return replace(fate, missing=tuple(missing))

    def anew(self, names: Iterable[str]) -> Fate:
        """Make the runs that were missing, as long as there is time, and judge them."""
        until, fate = time.monotonic() + RUNNING, Fate()
        for each in sorted((self.judgements[name] for name in names), key=_worth):
            if time.monotonic() > until:
                break
            recording = self.recordings[each.source]
            make = recordings.live(recording, self.address)

            def ask(plan: Plan, recording: Recording = recording, make: recordings.Ask = make) -> Observation:
                run = recording.of(plan)
                if run is None:
                    run = make(plan)
                    recordings.keep(recording, plan, run)
                return run

            how = self._judged(each, recording, ask)
            if how == "verdict":
                return Fate(how, f"{each.id}, run anew")
            if how == "silent" and fate.how == "alive":
                fate = Fate(how, f"{each.id}, run anew")
        return fate

    @staticmethod
    def _judged(before: Judgement, recording: Recording, ask: recordings.Ask) -> str:
        try:
            verdict = judge(recording.case, before.check, ask)
        except recordings.Missing:
            return "alive"
        except Exception:  # noqa: BLE001 - whatever a mutant raises fails the test
            return "verdict"
        if before.verdict is not None and repr(verdict) != repr(before.verdict):
            return "verdict"
        now = outcome_of(verdict)
        if now == before.outcome:
            return "alive"
        # What may be warned of need not be: there, test_checks asserts nothing.
        return (
            "verdict" if "failed" in {now, before.outcome} and before.check not in recording.case.may_warn else "silent"
        )


def _worth(each: Judgement) -> tuple[bool, float]:
    return not each.source.startswith(f"{each.check}-"), each.seconds


def prepare() -> None:
    """Bring in what all processes share, and let no test fail by its time where so many things go on at once."""
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    for name in _HEAVY:
        importlib.import_module(name)
    hypothesis.settings.register_profile("mutants", deadline=None)
    hypothesis.settings.load_profile("mutants")


def units(module: str | None = None) -> Fate:
    """Run the unit tests of a module, or all of them; in a process of its own, which keeps what it has imported."""
    wanted = [
        str(TESTS / name) for name, modules in UNITS.items() if module is None or modules is None or module in modules
    ]
    if not wanted:
        return Fate()
    with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.redirect_stderr(out):
        code = pytest.main(["-x", "-q", "--assert=plain", *_PLUGINS, *wanted])
    if code == pytest.ExitCode.OK:
        return Fate()
    failed = [line for line in out.getvalue().splitlines() if line.startswith(("FAILED", "ERROR"))]
    return Fate("unit", "; ".join(failed) or out.getvalue()[-300:])


@dataclass
class Trial:
    """A mutant that is being tried: the stage that it has come to, and the process that works on it."""

    mutant: Mutant
    stage: str
    child: int
    reading: int
    until: float
    so_far: Fate
    answer: bytes = b""

    def goes_on(self, ready: Iterable[int]) -> bool:
        """Take in what the process has said."""
        if self.reading in ready:
            part = os.read(self.reading, 65536)
            self.answer += part
            return bool(part)
        return time.monotonic() < self.until

    def end(self) -> Fate:
        """What it came to; a process that goes on for ever is ended."""
        if time.monotonic() >= self.until and not self.answer:
            os.killpg(self.child, signal.SIGKILL)
        _, status = os.waitpid(self.child, 0)
        os.close(self.reading)
        if not self.answer:
            endless = os.WIFSIGNALED(status) and os.WTERMSIG(status) in {signal.SIGKILL, signal.SIGXCPU}
            return Fate("endless" if endless else "verdict", f"no answer, {self.stage}")
        how, by, missing = json.loads(self.answer)
        fate = Fate(how, by, tuple(missing))
        # What comes later knows nothing of what was seen before.
        return self.so_far if fate.how == "alive" and self.stage != "recorded" else fate


def fates(bench: Bench, mutants: Iterable[Mutant], known: Container[Key], jobs: int) -> Iterator[tuple[Mutant, Fate]]:
    """Try all mutants, so many at a time. No runs are made for those that are `known` to survive: that takes longest."""
    waiting, trials = iter(mutants), dict[int, Trial]()

    def go_on(mutant: Mutant, stage: str, so_far: Fate) -> None:
        if stage == "recorded":
            work, patience = functools.partial(bench.recorded, mutant), PATIENCE
        elif stage == "units":
            work, patience = functools.partial(units, mutant.file), PATIENCE
        else:
            work, patience = functools.partial(bench.anew, so_far.missing), RUNNING + PATIENCE
        child, reading = _started(work, mutant, bounded=stage != "anew")
        trials[reading] = Trial(mutant, stage, child, reading, time.monotonic() + patience, so_far)

    while True:
        while len(trials) < jobs and (mutant := next(waiting, None)) is not None:
            go_on(mutant, "recorded", Fate())
        if not trials:
            return
        ready, _, _ = select.select(list(trials), [], [], 1.0)
        for trial in [each for each in trials.values() if not each.goes_on(ready)]:
            fate = trial.end()
            del trials[trial.reading]
            anew = "anew" if fate.missing and trial.mutant.key not in known else None
            following = {"recorded": "units", "units": anew}.get(trial.stage)
            if fate.survives and following is not None:
                go_on(trial.mutant, following, fate)
                continue
            bench.killers[fate.by] += fate.how == "verdict"
            yield trial.mutant, fate


def unbroken_units() -> Fate:
    """What the unit tests say of the checks as they are."""
    child, reading = _started(units, None, bounded=False)
    with os.fdopen(reading, "rb") as answer:
        how, by, _ = json.loads(answer.read())
    os.waitpid(child, 0)
    return Fate(how, by)


def _started(work: Callable[[], Fate], mutant: Mutant | None, *, bounded: bool) -> tuple[int, int]:
    """Start some work on a mutant in a process of its own; gives its id, and where its answer comes from."""
    reading, writing = os.pipe()
    child = os.fork()
    if child:
        os.close(writing)
        return child, reading
    # From here on in the child, which never returns.
    os.setpgid(0, 0)
    os.close(reading)
    try:
        if bounded:
            size = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * resource.getpagesize()
            resource.setrlimit(resource.RLIMIT_AS, (size + MEMORY, size + MEMORY))
        # Also where whoever started it has gone by then.
        resource.setrlimit(resource.RLIMIT_CPU, (WORK, WORK + 5))
        sys.stdout = sys.stderr = io.StringIO()
        if mutant is not None:
            put_in_place(mutant)
        fate = work()
    except BaseException:  # noqa: BLE001 - one that cannot even be imported fails every test
        fate = Fate("verdict", traceback.format_exc().strip().splitlines()[-1])
    os.write(writing, json.dumps([fate.how, fate.by, fate.missing]).encode())
    os._exit(0)
