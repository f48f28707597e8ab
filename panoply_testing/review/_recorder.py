"""A pytest plugin for the run that a review makes: writes down what became of each test, and which lines the project's own ran.

Each line of the file is one JSON object, written when it is known: of a run that has to be ended, everything up to then
is there. The contract's checks are left out of it: they have a report of their own.
"""

from __future__ import annotations

import json
import os
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from panoply_testing.items import CheckItem, SourceModule, inputs_of
from panoply_testing.review._redirect_runs import redirect_runs

if TYPE_CHECKING:
    from collections.abc import Callable

    from coverage import Coverage

# Names of environment variables: of the file to write, the one for the coverage, and what is to be covered, as JSON.
RECORD: Final = "PANOPLY_REVIEW_RECORD"
COVERAGE: Final = "PANOPLY_REVIEW_COVERAGE"
COVERED: Final = "PANOPLY_REVIEW_COVERED"

# ... and the one that says which kind of tests to run.
KIND: Final = "PANOPLY_REVIEW_KIND"
CONTRACT: Final = "contract"
TESTS: Final = "tests"

# ... and the one that is not empty where tests are properties of hypothesis.
PATIENT: Final = "PANOPLY_REVIEW_PATIENT"

# ... and the one that is not empty where sources are to be redirected as well, once their checks are over.
REDIRECTS: Final = "PANOPLY_REVIEW_REDIRECTS"

# ... and the one that is not empty where they are to be run the other way round.
REVERSED: Final = "PANOPLY_REVIEW_REVERSED"

# Lines that no test can be asked to run.
_EXCLUDED: Final = (
    "#\\s*(pragma|PRAGMA)[:\\s]?\\s*(no|NO)\\s*(cover|COVER)",
    "if (typing\\.)?TYPE_CHECKING:",
    "\\.\\.\\.$",
    "raise NotImplementedError",
    "@(abc\\.)?abstractmethod",
    "if __name__ == .__main__.:",
)

# Of what a failed test says, so much is shown.
_LONGEST: Final = 400


class _Recorder:
    def __init__(self, file: str) -> None:
        self.file = file
        self.coverage: Coverage | None = None
        self.is_measuring = False

    def write(self, **said: Any) -> None:
        with Path(self.file).open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(said) + "\n")

    # ------------------------------------------------------------------ what is covered

    def start(self) -> None:
        if self.coverage is not None and not self.is_measuring:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                self.coverage.start()
            self.is_measuring = True

    def stop(self) -> None:
        if self.coverage is not None and self.is_measuring:
            self.coverage.stop()
            self.is_measuring = False

    @pytest.hookimpl(tryfirst=True)
    def pytest_load_initial_conftests(self) -> None:
        """Begin before anybody imports the source."""
        if os.environ.get(PATIENT):
            _wait_patiently()
        covered = json.loads(os.environ.get(COVERED, "[]"))
        if not covered:
            return
        try:
            from coverage import Coverage  # noqa: PLC0415 - only in a review
        except ImportError:
            return
        root = Path.cwd()
        self.coverage = Coverage(
            data_file=None,
            config_file=False,
            source=None,
            include=[pattern for each in covered for pattern in (str(root / each), str(root / each / "*"))],
            messages=False,
        )
        self.coverage.set_option("report:exclude_lines", list(_EXCLUDED))
        self.start()

    def pytest_sessionfinish(self) -> None:
        """Write down which lines were run."""
        self.stop()
        file = os.environ.get(COVERAGE, "")
        if self.coverage is None or not file:
            return
        root, found = Path.cwd(), {}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for each in json.loads(os.environ.get(COVERED, "[]")):
                where = root / each
                for path in [where] if where.is_file() else sorted(where.rglob("*.py")):
                    _, statements, _, missing, _ = self.coverage.analysis2(str(path))
                    found[path.relative_to(root).as_posix()] = {"statements": len(statements), "missing": missing}
        Path(file).write_text(json.dumps(found), encoding="utf-8")

    # ------------------------------------------------------------------ what became of the tests

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> None:
        """Say which test begins."""
        self.write(began=item.nodeid)

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Leave out what another run is for."""
        wants_contract = os.environ.get(KIND) == CONTRACT
        items[:] = [each for each in items if isinstance(each, CheckItem) is wants_contract]
        if os.environ.get(REVERSED):
            items.reverse()
        if os.environ.get(REDIRECTS):
            sources = dict.fromkeys(each.parent for each in items)
            items += [_Redirects.of(each, self.write) for each in sources if isinstance(each, SourceModule)]

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Say where each test is."""
        for item in session.items:
            if isinstance(item, CheckItem | _Redirects):
                continue
            original = getattr(item, "originalname", None) or item.name
            cls = getattr(item, "cls", None)
            self.write(
                test=item.nodeid,
                path=_relative(item.path),
                line=(item.location[1] or 0) + 1,
                function=original if isinstance(item, pytest.Function) else "",
                cls="" if cls is None else cls.__name__,
            )

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Say what could not be collected."""
        if report.failed:
            self.write(broken=report.nodeid, message=_shortened(_last(report.longreprtext)))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Say what became of a phase of a test."""
        if report.when != "call" and report.passed:
            return
        crash = getattr(getattr(report.longrepr, "reprcrash", None), "message", "")
        outcome = "xfailed" if report.skipped and hasattr(report, "wasxfail") else report.outcome
        message = "" if report.passed else _shortened(crash or _last(report.longreprtext))
        if report.skipped and isinstance(report.longrepr, tuple):
            message = _shortened(report.longrepr[2].removeprefix("Skipped: "))
        self.write(ended=report.nodeid, when=report.when, outcome=outcome, message=message)


class _Redirects(pytest.Function):
    """No test: what came of redirects is written down, and judged elsewhere."""

    @classmethod
    def of(cls, source: SourceModule, write: Callable[..., None]) -> _Redirects:
        """The one of a source, which has the fixtures of its checks."""

        def redirects(
            request: pytest.FixtureRequest,
            panoply_params: dict[str, Any],
            panoply_options: dict[str, Any],
            panoply_secrets: object,
        ) -> None:
            inputs = inputs_of(request, panoply_params, panoply_options, panoply_secrets)
            write(redirects=redirect_runs(source.runs, inputs))

        made: _Redirects = cls.from_parent(source, name="redirects", callobj=redirects)
        return made


def _wait_patiently() -> None:
    """Let no property fail by hypothesis's deadline: how long it takes on this machine, while it is measured, says nothing."""
    try:
        from hypothesis import settings  # noqa: PLC0415 - only where the tests use it
    except ImportError:
        return
    settings.register_profile("panoply-review", deadline=None)
    settings.load_profile("panoply-review")


def _relative(path: Path) -> str:
    try:
        return path.relative_to(Path.cwd()).as_posix()
    except ValueError:
        return path.name


def _last(text: str) -> str:
    """What a failure comes down to: the last line that pytest marks as its error, or else the last one."""
    lines = text.strip().splitlines() or [""]
    told = [line.removeprefix("E ") for line in lines if line.startswith("E ")]
    return (told or lines)[-1].strip()


def _shortened(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}..."


def pytest_addoption(pluginmanager: pytest.PytestPluginManager) -> None:
    """Be there before the first conftest is imported."""
    if os.environ.get(RECORD):
        pluginmanager.register(_Recorder(os.environ[RECORD]), "panoply-review-recorder")
