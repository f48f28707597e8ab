"""`python -m benchmarks.review`: how long `panoply review` takes on a project from the template, and what takes how long in it.

The project is committed and tagged, so that each rule has something to look at. Each measurement is a process of its own,
with warm caches: the first one is not counted. Beside the time on the clock stands that of the processors, which a machine
that is busy with something else changes little, and the same project's `pytest --panoply-strict`, measured in turn.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from panoply_testing.review.families import FAMILIES

__all__ = ["main"]

ROOT: Final = Path(__file__).parent.parent
ROUNDS: Final = 3
TARGET: Final = 30

_REVIEW: Final = """
import json, sys
from panoply_testing.review import review
done = review(sys.argv[1], only=sys.argv[3:], dossier=sys.argv[2] == "dossier")
print(json.dumps({"verdict": done.verdict, "seconds": dict(done.seconds), "kept": len(done.kept)}))
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What a process has taken, its own processes included: seconds on the clock, and of processors."""

    wall: float
    cpu: float
    said: str = ""


def _run(words: list[str], folder: Path) -> Cost:
    began = time.perf_counter()
    with tempfile.TemporaryFile("w+") as said:
        process = subprocess.Popen([sys.executable, *words], cwd=folder, stdout=said)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        wall = time.perf_counter() - began
        if process.returncode:
            sys.exit(f"{' '.join(words)} ended with {process.returncode}")
        said.seek(0)
        return Cost(wall=wall, cpu=used.ru_utime + used.ru_stime, said=said.read())


def _reviewed(project: Path, *rules: str, dossier: bool = False) -> Cost:
    return _run(["-c", _REVIEW, str(project), "dossier" if dossier else "", *rules], project.parent)


def _baked(folder: Path, answers: dict[str, str]) -> Path:
    from cookiecutter.main import cookiecutter  # noqa: PLC0415 - takes a second

    project = Path(cookiecutter(str(ROOT / "template"), no_input=True, extra_context=answers, output_dir=str(folder)))
    author = ("-c", "user.name=Ada", "-c", "user.email=ada@example.com", "-c", "commit.gpgsign=false")
    for words in (
        ("init", "--quiet", "--initial-branch=main"),
        ("add", "--all"),
        (*author, "commit", "--quiet", "--message", "The first version"),
        (*author, "tag", "--annotate", "v0.1.0", "--message", "Version 0.1.0"),
    ):
        subprocess.run(["git", *words], cwd=project, check=True)  # noqa: S607 - whichever is there
    return project


def _median(costs: list[Cost]) -> tuple[float, float]:
    return statistics.median(each.wall for each in costs), statistics.median(each.cpu for each in costs)


def main() -> None:
    """Measure, and print one line a figure."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.review", description=__doc__)
    parser.add_argument("--kind", default="api", help="what the project reads: api, database or files")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="panoply-bench-") as name:
        project = _baked(Path(name), {"kind": given.kind, "auth": "token", "mode": "sync"})
        tests = ["-m", "pytest", "-q", "-p", "no:cacheprovider", "--panoply-strict"]
        _reviewed(project)
        whole, alone = [], []
        for _ in range(given.rounds):
            whole.append(_reviewed(project))
            alone.append(_run(tests, project))
        told = [json.loads(each.said.splitlines()[-1]) for each in whole]
        (wall, cpu), (alone_wall, alone_cpu) = _median(whole), _median(alone)
        cores, load = os.cpu_count() or 1, os.getloadavg()[0]
        print(f"{given.kind}: {told[-1]['verdict']}, {told[-1]['kept']} rules kept; {cores} cores, load {load:.1f}")
        print(f"the review: {wall:.1f} s, {cpu:.1f} s of processors (target {TARGET} s on two cores)")
        ratios = [(one.wall / other.wall, one.cpu / other.cpu) for one, other in zip(whole, alone, strict=True)]
        of_wall, of_cpu = (statistics.median(each) for each in zip(*ratios, strict=True))
        print(
            f"beside its pytest --panoply-strict: {alone_wall:.1f} s, {alone_cpu:.1f} s of processors; "
            f"{of_wall:.2f} x on the clock, {of_cpu:.2f} x of processors"
        )
        print("family, side by side on the clock, alone on the clock, alone of processors:")
        for family in FAMILIES:
            seconds = statistics.median(each["seconds"][family.name] for each in told)
            alone_ = _reviewed(project, *(rule.name for rule in family.rules))
            print(f"  {family.name:<12} {seconds:6.1f} s {alone_.wall:6.1f} s {alone_.cpu:6.1f} s")
        with_it = _reviewed(project, dossier=True)
        print(f"with the dossier: {with_it.wall:.1f} s, {with_it.cpu:.1f} s of processors")


if __name__ == "__main__":
    main()
