"""The whole matrix of the template's answers, each of them baked, and all that can be asked of a project asked of it.

    python tests/template/matrix.py [--sample] [--jobs N]

Every answer is baked, its files are looked at, and its style is checked. What decides the code (what is read, how it
authenticates, sync or async) is then taken through everything else, once each: licence and CI are files of their own, and
what does not differ need not be tried twice. Last, each function of each code is emptied in turn, and the tests or the
contract have to notice.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path
from typing import TYPE_CHECKING

import steps
from baking import bake
from breaking import emptied, is_noticed
from combinations import called, every_answer, every_code, sample

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[2]


def look(answers: dict[str, str], folder: Path) -> str:
    """Bake one and look at it, without running it."""
    project = bake(folder / called(answers), **answers)
    steps.check_files(project, answers)
    steps.check_style(project)
    return ""


def take_through(answers: dict[str, str], folder: Path, sdk: Path) -> str:
    """Bake one and take it through everything, as its author, its CI and its reviewer would."""
    here = folder / called(answers)
    project = bake(here, **answers)
    steps.commit(project)
    steps.check_types(project, folder / "mypy-cache")
    steps.check_tests(project)
    steps.check_review(project)
    wheel = steps.build(project, here / "dist")
    steps.check_installed(project, wheel, sdk, here / "installed")
    return ""


def empty(answers: dict[str, str], folder: Path) -> str:
    """Empty each function of one in turn; gives the names of those that nobody misses."""
    project = bake(folder / f"emptied-{called(answers)}", **answers)
    missed = [name for name, path, text in emptied(project) if not is_noticed(project, path, text)]
    if missed:
        raise steps.StepError(f"nothing misses {', '.join(missed)}")
    return ""


def main() -> int:
    """Do all of it, and say what did not work."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--sample", action="store_true", help="only a few of the codes, and none of them emptied")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="how many at a time")
    wanted = parser.parse_args()
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="panoply-matrix-") as name, ProcessPoolExecutor(wanted.jobs) as pool:
        folder = Path(name)
        sdk = steps.build(ROOT, folder / "sdk")
        codes = sample() if wanted.sample else every_code()
        jobs: dict[str, tuple[Callable[..., str], tuple[object, ...]]] = {
            f"{called(answers)}: files and style": (look, (answers, folder / "looked-at"))
            for answers in (codes if wanted.sample else every_answer())
        }
        for answers in codes:
            jobs[f"{called(answers)}: all steps"] = (take_through, (answers, folder, sdk))
        if not wanted.sample:
            jobs |= {f"{called(answers)}: each function emptied": (empty, (answers, folder)) for answers in codes}
        failed = 0
        running = {pool.submit(function, *arguments): name for name, (function, arguments) in jobs.items()}
        for number, job in enumerate(as_completed(running), 1):
            error = job.exception()
            failed += error is not None
            if error is not None or not running[job].endswith("style"):
                print(f"{number}/{len(jobs)} {running[job]}: {'ok' if error is None else error}", flush=True)
    print(f"{len(jobs) - failed} of {len(jobs)} came through, in {time.monotonic() - begun:.0f} s.")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
