"""Tries mutants of a source: with the project's own tests, and where these notice nothing, with the contract."""

from __future__ import annotations

import os
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from panoply_testing.review import _recorder
from panoply_testing.review._mutants import Mutant, choose, mutants_of, seed_of
from panoply_testing.review._pytest_facts import How, Ran, contract_of, own_tests_of, run_pytest
from panoply_testing.review._site import source_texts

if TYPE_CHECKING:
    from panoply_testing.review._site import Site

__all__ = ["Tried", "is_clean", "mutants_tried"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """What came of it.

    Attributes:
        problem: why nothing was tried. Empty: something was.
        noticed, missed: the mutants, by whether anything failed.
        wanted: how many there were to be.
    """

    problem: str = ""
    noticed: tuple[Mutant, ...] = ()
    missed: tuple[Mutant, ...] = ()
    wanted: int = 0


# One that waits for ever is noticed by that; so many times as long as usual, and so many seconds more, are given to it.
_TIMES: Final = 4
_SECONDS: Final = 20

# More at a time would make each of them slower, and some of them too slow.
_AT_A_TIME: Final = 4


def is_clean(ran: Ran) -> bool:
    """Whether a run of the tests, or of the contract, came to its end, and nothing failed in it."""
    checks = [check for source in ran.sources for check in source.checks]
    return not (
        ran.problem
        or ran.broken
        or any(test.outcome in ("failed", "") for test in ran.tests)
        or any(check.outcome in ("failed", "warned", "error", "not run") for check in checks)
    )


def mutants_tried(site: Site) -> Tried:
    """Make some mistakes in the source, and see which of them are noticed."""
    tests, contract = site.fact(own_tests_of), site.fact(contract_of)
    if not is_clean(tests):
        return Tried(problem="the project's own tests fail as it is")
    if not is_clean(contract):
        return Tried(problem="the contract is not kept as it is")
    if not any(test.outcome == "passed" for test in tests.tests):
        return Tried(problem="no test of the project's own was run that could notice anything")
    if not any(source.of("passed") for source in contract.sources):
        return Tried(problem="no check of the contract was run that could notice anything")
    texts = site.fact(source_texts)
    chosen = choose(mutants_of(texts), int(site.settings.mutants), seed_of(texts))
    until = time.monotonic() + site.settings.time_limit

    def is_noticed(numbered: tuple[int, Mutant]) -> bool | None:
        number, mutant = numbered
        if site.stopped.is_set() or time.monotonic() > until:
            return None
        return _is_noticed(site, mutant, number, (tests.seconds, contract.seconds))

    with site.alone, ThreadPoolExecutor(min(_AT_A_TIME, os.cpu_count() or 1)) as pool:
        outcomes = list(pool.map(is_noticed, enumerate(chosen)))
    return Tried(
        noticed=tuple(mutant for mutant, noticed in zip(chosen, outcomes, strict=True) if noticed),
        missed=tuple(mutant for mutant, noticed in zip(chosen, outcomes, strict=True) if noticed is False),
        wanted=len(chosen),
    )


def _is_noticed(site: Site, mutant: Mutant, number: int, usual: tuple[float, float]) -> bool:
    kinds = (_recorder.TESTS, _recorder.CONTRACT)
    for kind, seconds in zip(kinds, usual, strict=True):
        how = How(
            label=f"mutant-{number}",
            changes={mutant.path: mutant.text},
            words=("-x",),
            limit=_TIMES * seconds + _SECONDS,
        )
        if not is_clean(run_pytest(site, kind, how)):
            return True
    return False
