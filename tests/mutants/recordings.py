"""What the sources of tests/sources let out, observed once and kept on disk: to judge them again needs no run.

Nothing here judges. A recording is of use as long as nothing has changed but the checks, and is made anew otherwise.
"""

from __future__ import annotations

import functools
import hashlib
import os
import pickle
import sys
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from cases import asking

from panoply_testing.observation import End

if TYPE_CHECKING:
    from collections.abc import Callable

    from cases import Case
    from far_end import Address

    from panoply_testing.observation import Observation
    from panoply_testing.plans import Plan

Ask: TypeAlias = "Callable[[Plan], Observation]"

ROOT = Path(__file__).parents[2]
CHECKS = ROOT / "panoply_testing" / "checks"


class Missing(BaseException):
    """A run was asked for that nobody has recorded. No Exception, so that no check and no library takes it for its own."""


@dataclass
class Recording:
    """The runs of one source, by their plans."""

    case: Case
    path: Path
    runs: dict[Plan, Observation] = field(default_factory=dict)

    def of(self, plan: Plan) -> Observation | None:
        """The run of this plan, or one that is the same run in other words."""
        if plan in self.runs:
            return self.runs[plan]
        for run in self._alike.get(_essence(plan), ()):
            if _as_far(run, plan):
                return replace(run, plan=plan)
        return None

    @functools.cached_property
    def _alike(self) -> dict[Plan, list[Observation]]:
        found: dict[Plan, list[Observation]] = {}
        for plan, run in self.runs.items():
            found.setdefault(_essence(plan), []).append(run)
        return found

    def save(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        part = self.path.with_suffix(f".{os.getpid()}")
        part.write_bytes(pickle.dumps(self.runs))
        part.replace(self.path)


def _essence(plan: Plan) -> Plan:
    """A plan without what does not change what the source does: words, and what a message shows of its records."""
    return replace(plan, about="", show=(), most_reads=None)


def _as_far(run: Observation, plan: Plan) -> bool:
    """Whether a run would have gone the same way under the bound of another plan."""
    if run.plan.most_reads == plan.most_reads:
        return True
    return run.end is not End.ENDLESS and (plan.most_reads is None or len(run.reads) < plan.most_reads)


def recording_of(case: Case, folder: Path) -> Recording:
    """The recording of a source: what is on disk of it, or an empty one."""
    name = f"{case}-{_fingerprint(case)}"
    recording = Recording(case, folder / f"{name}.pickle")
    for path in (recording.path, *sorted(folder.glob(f"more/{name}-*.pickle"))):
        if path.is_file():
            recording.runs.update(pickle.loads(path.read_bytes()))
    return recording


def forget(recording: Recording) -> None:
    """Delete what is on disk of it."""
    for path in (recording.path, *recording.path.parent.glob(f"more/{recording.path.stem}-*.pickle")):
        path.unlink(missing_ok=True)


def live(recording: Recording, address: Address) -> Ask:
    """Gives the runs that are recorded, and makes those that are not."""
    make = asking(recording.case, recording.case.inputs(address), recording.runs)

    def ask(plan: Plan) -> Observation:
        run = recording.of(plan)
        return make(plan) if run is None else run

    return ask


def keep(recording: Recording, plan: Plan, run: Observation) -> None:
    """Keep a run that a mutant asked for, so that the next one need not wait for it."""
    name = hashlib.sha256(repr(plan).encode()).hexdigest()[:16]
    stem = recording.path.stem
    Recording(recording.case, recording.path.parent / "more" / f"{stem}-{name}.pickle", {plan: run}).save()


def _fingerprint(case: Case) -> str:
    """Changes with whatever a run of the source depends on. What a check says of it is not among that."""
    files = [case.path] if case.path.is_file() else sorted(case.path.rglob("*.py"))
    return _digest(
        repr(case.says), _of_the_kit(), *(path.read_text(encoding="utf-8", errors="replace") for path in files)
    )


@functools.cache
def _of_the_kit() -> str:
    helpers = [ROOT / "tests" / "panoply_testing" / name for name in ("cases.py", "far_end.py")]
    files = [
        path
        for name in ("panoply", "panoply_testing")
        for path in (ROOT / name).rglob("*")
        if path.suffix in {".py", ".json"}
    ]
    texts = [path.read_text(encoding="utf-8") for path in sorted(files) if CHECKS not in path.parents] + [
        path.read_text(encoding="utf-8") for path in helpers
    ]
    return _digest(sys.version, *texts)


def _digest(*texts: str) -> str:
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:16]
