"""Runs a project's tests and the contract again, under other circumstances, and finds out which of these makes a difference."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from panoply_testing.review import _recorder
from panoply_testing.review._pytest_facts import How, Ran, contract_of, own_tests_of, run_pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from panoply_testing.review._site import Site

__all__ = ["Changed", "Repeated", "Result", "circumstances", "differences", "repeats_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """A test, or a check of the contract, that came out differently.

    Attributes:
        circumstance: what was different, as the beginning of a sentence: "In another time zone".
        name: the test's. `path`, `line`: where it is, if it is the project's own.
        before, now: the outcomes. Empty: it came to none.
        message: what it failed with.
    """

    circumstance: str
    name: str
    before: str
    now: str
    path: str = ""
    line: int = 0
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeated:
    """What came of it. `problem`: why there was nothing to compare with."""

    problem: str = ""
    changed: tuple[Changed, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What became of one test."""

    outcome: str
    path: str = ""
    line: int = 0
    message: str = ""


# East of where the day begins, and west of where it ends: in one of the two it is always another day than in Greenwich.
_EAST: Final = ("Pacific/Kiritimati", "<+14>-14")
_WEST: Final = ("Etc/GMT+12", "<-12>12")
_NOON: Final = 12


def circumstances(now: datetime) -> dict[str, How]:
    """What can be different, each by itself."""
    named, posix = _WEST if now.hour < _NOON else _EAST
    zone = named if (Path("/usr/share/zoneinfo") / named).is_file() else posix
    # Python would make UTF-8 of it, as it is so often meant; that is what is not to be relied on.
    plain = {"LC_ALL": "C", "LANG": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}
    return {
        "With another hash seed": How(label="seed", environment={"PYTHONHASHSEED": "20011"}),
        "In another time zone": How(label="zone", environment={"TZ": zone}),
        "In a locale whose encoding is ASCII": How(label="locale", environment=plain),
        "In another working folder": How(label="folder", elsewhere=True),
        "In the reverse order": How(label="order", environment={_recorder.REVERSED: "yes"}),
    }


_TOGETHER: Final = "With another hash seed, time zone, locale, working folder and order, all together"
_REPEATED: Final = "Run once more, with nothing changed"

_RUNS: Final = {_recorder.TESTS: own_tests_of, _recorder.CONTRACT: contract_of}


def repeats_of(site: Site) -> Repeated:
    """Run everything again, with all circumstances changed; what comes out differently, again with each of them by itself."""
    before = {kind: site.fact(gather) for kind, gather in _RUNS.items()}
    for ran in before.values():
        if ran.problem:
            return Repeated(problem=f"there is nothing to compare with: pytest {ran.problem}")
    single = circumstances(datetime.now(UTC))
    with site.alone:
        # They are made side by side, as the first ones were.
        with ThreadPoolExecutor(len(_RUNS)) as pool:
            pending = {kind: pool.submit(run_pytest, site, kind, _all_of(single)) for kind in _RUNS}
            now = {kind: each.result() for kind, each in pending.items()}
        changed = tuple(
            each
            for kind in _RUNS
            if differences(before[kind], now[kind], _TOGETHER)
            for each in _told_apart(site, kind, before[kind], now[kind], single)
        )
    return Repeated(changed=changed)


def _all_of(single: dict[str, How]) -> How:
    environment = {key: value for how in single.values() for key, value in how.environment.items()}
    return How(label="together", environment=environment, elsewhere=True)


def _told_apart(site: Site, kind: str, before: Ran, together: Ran, single: dict[str, How]) -> Iterator[Changed]:
    """Which circumstance each difference is owed to."""
    left = {each.name: each for each in differences(before, together, _TOGETHER)}
    for circumstance, how in {_REPEATED: How(label="repeated"), **single}.items():
        if not left or site.stopped.is_set():
            return
        for each in differences(before, run_pytest(site, kind, how), circumstance):
            # A test that is seen to change by itself is what matters; one that failed along with it, too.
            if each.name in left or circumstance == _REPEATED:
                left.pop(each.name, None)
                yield each
    yield from left.values()


def differences(before: Ran, now: Ran, circumstance: str) -> list[Changed]:
    """The tests and checks that came out differently."""
    old, new = _results(before), _results(now)
    if now.problem:
        return [Changed(circumstance=circumstance, name="pytest", before="", now=now.problem)]
    found = []
    for name, result in old.items():
        other = new.get(name, Result(outcome=""))
        if result.outcome != other.outcome:
            found.append(
                Changed(
                    circumstance=circumstance,
                    name=name,
                    before=result.outcome,
                    now=other.outcome,
                    path=result.path,
                    line=result.line,
                    message=other.message,
                )
            )
    broken = dict(before.broken)
    found += [
        Changed(circumstance=circumstance, name=name, before="", now="cannot be collected", message=message)
        for name, message in now.broken
        if name not in broken
    ]
    return found


def _results(ran: Ran) -> dict[str, Result]:
    own = {
        test.name: Result(outcome=test.outcome, path=test.path, line=test.line, message=test.message)
        for test in ran.tests
    }
    checks = {
        f"{source.name}::{check.name}": Result(outcome=check.outcome, message=check.gist or check.reason)
        for source in ran.sources
        for check in source.checks
    }
    return own | checks
