"""Judges all recorded sources with the checks as they are, or with a mutant among them."""

from __future__ import annotations

import importlib
import importlib.util
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import recordings
from mutations import Source

if TYPE_CHECKING:
    from collections.abc import Iterable
    from importlib.machinery import ModuleSpec
    from types import CodeType, FrameType

    from cases import Case
    from mutations import Mutant
    from recordings import Ask

    from panoply_testing.findings import Verdict

CHECKS = "panoply_testing.checks"


@dataclass(frozen=True)
class Judgement:
    """What one check says of one source, as it is.

    Attributes:
        outcome: passed, failed or skipped. `verdict`: all of it, where a test asserts every word.
        through: the functions of checks that it went through, as mutants name them.
        seconds: how long that took.
    """

    source: str
    check: str
    outcome: str
    verdict: Verdict | None
    through: frozenset[str]
    seconds: float

    @property
    def id(self) -> str:
        return f"{self.source}::{self.check}"


def outcome_of(verdict: Verdict) -> str:
    if verdict.skip is not None:
        return "skipped"
    return "failed" if verdict.findings else "passed"


def judge(case: Case, check: str, ask: Ask) -> Verdict:
    """What a check says, by the checks that are imported at the time: as test_checks asks for it."""
    judged = importlib.import_module("cases").judged
    return judged(case, [check], ask, quickly=case.wrong is None)[check]


def judgement(case: Case, check: str, ask: Ask, *, in_full: bool) -> Judgement:
    """What a check says of a source, and what it takes to say it."""
    functions: set[tuple[str, int]] = set()

    def watch(frame: FrameType, event: str, _: Any) -> None:
        if event == "call" and frame.f_code.co_filename in _FILES:
            functions.add((frame.f_code.co_filename, frame.f_code.co_firstlineno))

    started = time.perf_counter()
    sys.setprofile(watch)
    try:
        verdict = judge(case, check, ask)
    finally:
        sys.setprofile(None)
    return Judgement(
        source=str(case),
        check=check,
        outcome=outcome_of(verdict),
        verdict=verdict if in_full else None,
        through=frozenset(map(_function, functions)),
        seconds=time.perf_counter() - started,
    )


_FILES = {str(path): Source(path) for path in sorted(recordings.CHECKS.glob("*.py"))}


def _function(place: tuple[str, int]) -> str:
    file, line = place
    return ".".join(filter(None, (Path(file).stem, _FILES[file].function_at(line))))


class _Finder:
    """Gives out a mutant when its module is imported."""

    def __init__(self, mutant: Mutant) -> None:
        self._mutant = mutant

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        if name != self._mutant.module:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path)
        assert spec is not None
        assert spec.origin is not None
        loader = _Loader(name, spec.origin)
        loader.code = self._mutant.code
        spec.loader = loader
        return spec


class _Loader(importlib.machinery.SourceFileLoader):
    code = ""

    def get_code(self, fullname: str) -> CodeType:
        return compile(self.code, self.get_filename(fullname), "exec", dont_inherit=True)


def put_in_place(mutant: Mutant) -> None:
    """Let this process judge by a mutant from now on: for one that ends soon.

    Raises:
        AssertionError: there are other checks than there were.
    """
    names = list(importlib.import_module("cases").CHECKS)
    for name in list(sys.modules):
        if name in {"cases", "panoply_testing.contract", CHECKS} or name.startswith(f"{CHECKS}."):
            del sys.modules[name]
    sys.meta_path.insert(0, _Finder(mutant))  # type: ignore[arg-type]
    assert list(importlib.import_module("cases").CHECKS) == names


def chosen(judgements: Iterable[Judgement], mutant: Mutant) -> list[Judgement]:
    """Those that go through what a mutant has changed; the quickest first, as one is enough."""
    # What stands outside of functions concerns those of its module.
    module, _, name = mutant.function.partition(".")
    concerned = [
        each
        for each in judgements
        if (
            mutant.function in each.through
            if name
            else any(function.startswith(f"{module}.") for function in each.through)
        )
    ]
    return sorted(concerned, key=lambda each: each.seconds)
