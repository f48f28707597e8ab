"""What came of running a project's tests, and the contract: each a run of pytest in a process of its own."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final

from panoply_testing.report.model import SessionReport, SourceReport
from panoply_testing.review import _recorder
from panoply_testing.review._child import Child
from panoply_testing.review._environments import full_with
from panoply_testing.review._module_facts import tried_of
from panoply_testing.review._pytest_ending import ending
from panoply_testing.review._site import Site, files_of
from panoply_testing.review._tree import copy_tree

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from panoply_testing.review._linked import Environment
    from panoply_testing.review._project import Project

__all__ = [
    "PLAIN",
    "Covered",
    "How",
    "OwnTest",
    "Ran",
    "Refused",
    "contract_of",
    "own_tests_of",
    "run_checks",
    "run_pytest",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnTest:
    """One of the project's own tests.

    Attributes:
        name: its id. `function`: the function's name, where it is one; `cls`: the class that it is in.
        outcome: passed, failed, skipped, xfailed; or "" where the run ended before it did.
        message: what it failed with.
    """

    name: str
    path: str
    line: int
    function: str = ""
    cls: str = ""
    outcome: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Covered:
    """One file of the source: how many statements it has, and the lines of those that no test ran."""

    path: str
    statements: int
    missing: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A connection that was not made: where to, and by which test. No test: by something that began before any."""

    where: str
    test: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """One run of pytest.

    Attributes:
        problem: why it came to no end that counts. Empty: it did.
        tests: the project's own. `broken`: what could not be collected, each with the reason.
        sources: what became of the contract's checks.
        covered: None where coverage could not be measured.
        reached: the hosts that were connected to, by the tests' own far end as well.
        redirects: for each source, what came of redirecting it, as `_redirect_runs` tells it.
    """

    problem: str = ""
    tests: tuple[OwnTest, ...] = ()
    broken: tuple[tuple[str, str], ...] = ()
    sources: tuple[SourceReport, ...] = ()
    covered: tuple[Covered, ...] | None = None
    refused: tuple[Refused, ...] = ()
    reached: tuple[str, ...] = ()
    redirects: tuple[Mapping[str, Any], ...] = ()
    seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class How:
    """What is particular to one run of pytest.

    Attributes:
        label: tells its files in scratch from those of other runs.
        changes: files of the project that have another text.
        words: what else is on the command line. `environment`: what else is in it.
        elsewhere: it begins in another folder than the project's.
        limit: seconds; 0: as many as the settings say.
        measures: whether to find out what is covered.
    """

    label: str = ""
    changes: Mapping[str, str] = field(default_factory=dict)
    words: tuple[str, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    elsewhere: bool = False
    limit: float = 0
    measures: bool = False


PLAIN: Final = How(measures=True)


def contract_of(site: Site) -> Ran:
    """Run the contract in strict mode."""
    return _undisturbed(site, _contract_at_once, _tests_at_once, _recorder.CONTRACT)


def own_tests_of(site: Site) -> Ran:
    """Run the project's own tests."""
    return _undisturbed(site, _tests_at_once, _contract_at_once, _recorder.TESTS)


def _contract_at_once(site: Site) -> Ran:
    return run_pytest(site, _recorder.CONTRACT, PLAIN)


def _tests_at_once(site: Site) -> Ran:
    return run_pytest(site, _recorder.TESTS, PLAIN)


def _undisturbed(site: Site, own: Callable[[Site], Ran], other: Callable[[Site], Ran], kind: str) -> Ran:
    """One of the two runs, which are made side by side, as each takes a processor of its own.

    Where a project's fixtures want a port, or a file, for themselves, the one that came too late is run once more, alone.
    """
    ran = site.fact(own)
    if "contract_is_kept" in site.names and len(site.names) > 1 and _DISTURBED.search(_complaints(ran)):
        site.fact(other)
        with site.alone:
            return run_pytest(site, kind, How(label="again", measures=True))
    return ran


_DISTURBED: Final = re.compile(
    r"(?i)address (is )?already in use|EADDRINUSE|Errno (98|48)\b|\bport\b.{0,30}\b(in use|taken)|is locked|already (exists|running)"
)


def _complaints(ran: Ran) -> str:
    """All that a run says of what failed in it."""
    checks = [check for source in ran.sources for check in source.checks if check.outcome in ("failed", "error")]
    told = [text for check in checks for text in (check.reason, check.gist)]
    return "\n".join([ran.problem, *told, *(text for _, text in ran.broken), *(test.message for test in ran.tests)])


def run_pytest(site: Site, kind: str, how: How) -> Ran:
    """Run pytest in a copy of the project of its own, for tests of one kind (see `_recorder.KIND`)."""
    environment = site.fact(full_of)
    child = Child(scratch=site.scratch / (f"{kind}-{how.label}" if how.label else kind), stopped=site.stopped)
    tree = child.scratch / site.project.root.name
    copy_tree(site.project.root, site.fact(files_of), tree)
    for path, text in how.changes.items():
        (tree / path).write_text(text, encoding="utf-8")
    record, report, coverage = (child.scratch / name for name in ("tests.jsonl", "contract.json", "coverage.json"))
    is_contract = kind == _recorder.CONTRACT
    words = [
        *("-m", "pytest", "-p", "panoply_testing.review._recorder", "-p", "no:cacheprovider"),
        *("--panoply-strict", f"--panoply-report={report}", "--continue-on-collection-errors"),
        *("--maxfail=0", "--color=no", "--tb=short"),
        # In one process: only there it is measured what is covered, and by one measure.
        *(("-n", "0") if _has(environment, "pytest-xdist", "xdist") else ()),
        *(("--no-cov",) if _has(environment, "pytest-cov", "pytest_cov") else ()),
        *(() if site.project.is_declared else (f"--panoply-source={name}" for name in site.project.modules)),
        *how.words,
        *(_test_paths(site.project, tree) if how.elsewhere else ()),
    ]
    extra = {_recorder.RECORD: str(record), _recorder.KIND: kind, _recorder.PATIENT: _has_properties(site, tree)}
    if is_contract and how.measures and "redirects_carry_no_credentials" in site.names:
        extra |= {_recorder.REDIRECTS: "yes"}
    if not is_contract and how.measures:
        extra |= {_recorder.COVERAGE: str(coverage), _recorder.COVERED: json.dumps(list(site.project.tops))}
    limit = how.limit or site.settings.time_limit
    cwd = child.scratch if how.elsewhere else tree
    done = child.run(
        words,
        cwd=cwd,
        limit=limit,
        paths=site.import_paths(tree),
        extra=extra | dict(how.environment),
        python=environment.python,
    )
    said = list(_json_lines(record))
    begun = next((each["began"] for each in reversed(said) if "began" in each), "")
    sources = _sources(report)
    problem = ""
    if not done.in_time:
        during = f", while {begun} ran" if begun else ", before the first test began"
        problem = f"did not end within {limit:g} seconds{during}"
    elif done.code not in (0, 1, 2, 5) or (is_contract and not sources):
        problem = ending(done.code, done.said, begun)
    return Ran(
        problem=problem,
        tests=_tests(said),
        broken=tuple((each["broken"], each["message"]) for each in said if "broken" in each),
        sources=sources,
        covered=_covered(coverage),
        refused=_refused(child.refused),
        reached=tuple(dict.fromkeys(each["host"] for each in _json_lines(child.reached))),
        redirects=tuple(each["redirects"] for each in said if "redirects" in each),
        seconds=done.seconds,
    )


def run_checks(site: Site, names: Sequence[str], *, label: str, paths: Sequence[Path]) -> tuple[SourceReport, ...]:
    """Run some of the contract's checks on the source as it is found in these folders, away from the project and its settings.

    Args:
        site: where the review works.
        names: the checks'.
        label: tells the files in scratch from those of other runs.
        paths: where the source's modules are found.
    """
    child = Child(scratch=site.scratch / label, stopped=site.stopped)
    away = child.scratch / "away"
    away.mkdir(parents=True)
    # So that no other settings are looked for further up.
    (away / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")
    report = child.scratch / "contract.json"
    words = [
        *("-m", "pytest", "-p", "no:cacheprovider", f"--panoply-report={report}", "-k", " or ".join(names)),
        *(f"--panoply-source={name}" for name in site.project.modules),
    ]
    child.run(words, cwd=away, limit=site.settings.time_limit, paths=paths, python=site.fact(full_of).python)
    return _sources(report)


def full_of(site: Site) -> Environment:
    """Where the tests and the contract are run."""
    return full_with(site, {each.owner for each in site.fact(tried_of).undeclared if each.is_here})


def _has(environment: Environment, distribution: str, module: str) -> bool:
    """Whether a plugin of pytest's is there, which has to be told what not to do."""
    return environment.has(distribution) and find_spec(module) is not None


def _test_paths(project: Project, tree: Path) -> tuple[str, ...]:
    """Where pytest is to look for tests, and for the settings: without being told, it looks where it was started."""
    ini = project.pyproject.get("tool", {}).get("pytest", {})
    ini = ini.get("ini_options", ini) if isinstance(ini, Mapping) else {}
    paths = ini.get("testpaths", ()) if isinstance(ini, Mapping) else ()
    named = paths.split() if isinstance(paths, str) else paths
    found = [tree / str(each) for each in named if (tree / str(each)).exists()]
    return tuple(map(str, found or [tree]))


def _has_properties(site: Site, tree: Path) -> str:
    """A text that is not empty where some file speaks of hypothesis; importing that for nothing takes time."""
    files = [tree / path for path in site.fact(files_of) if path.endswith(".py")]
    return "yes" if any(file.is_file() and b"hypothesis" in file.read_bytes() for file in files) else ""


def _json_lines(file: Path) -> Iterator[dict[str, Any]]:
    if file.exists():
        for line in file.read_text(encoding="utf-8").splitlines():
            try:
                yield json.loads(line)
            except ValueError:
                # The process was ended in the middle of it.
                continue


@dataclass(slots=True)
class _Became:
    outcome: str = ""
    message: str = ""
    order: tuple[str, ...] = field(default=("", "passed", "skipped", "xfailed", "failed"))

    def add(self, outcome: str, message: str) -> None:
        """A test has up to three reports; the worst one counts."""
        # Plugins have outcomes of their own (`rerun`): what counts is what comes after them.
        if outcome in self.order and self.order.index(outcome) > self.order.index(self.outcome):
            self.outcome, self.message = outcome, message


def _tests(said: list[dict[str, Any]]) -> tuple[OwnTest, ...]:
    found = {each["test"]: each for each in said if "test" in each}
    became = {name: _Became() for name in found}
    for each in said:
        if each.get("ended") in became:
            became[each["ended"]].add(each["outcome"], each["message"])
    return tuple(
        OwnTest(
            name=name,
            path=each["path"],
            line=each["line"],
            function=each["function"],
            cls=each["cls"],
            outcome=became[name].outcome,
            message=became[name].message,
        )
        for name, each in found.items()
    )


def _sources(report: Path) -> tuple[SourceReport, ...]:
    try:
        return SessionReport.from_json(json.loads(report.read_text(encoding="utf-8"))).sources
    except (OSError, ValueError):
        return ()


def _covered(file: Path) -> tuple[Covered, ...] | None:
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return tuple(
        Covered(path=path, statements=each["statements"], missing=tuple(each["missing"]))
        for path, each in found.items()
    )


_PHASE: Final = re.compile(r" \((setup|call|teardown)\)$")


def _refused(file: Path) -> tuple[Refused, ...]:
    found: dict[tuple[str, str], None] = {}
    for each in _json_lines(file):
        where = f"{each['host']}:{each['port']}" if each["port"] not in ("", "None", "0") else each["host"]
        found[where, _PHASE.sub("", each["test"])] = None
    return tuple(Refused(where=where, test=test) for where, test in found)
