"""The pytest plugin: `pytest --panoply-source=mymod` tests a data source against the contract.

It is loaded in every pytest run of an environment that has the kit installed, so it imports nothing but pytest until it
is asked for something: by `--panoply-source`, the ini key `panoply_source`, or one of its fixtures.
"""

from __future__ import annotations

import os
import sys
import textwrap
import time
from typing import TYPE_CHECKING, Any, Literal

import pytest

if TYPE_CHECKING:
    import warnings
    from collections.abc import Callable, Generator, Iterator
    from pathlib import Path
    from types import ModuleType

    from panoply.sdk import SDK
    from panoply_testing.fake_sqs import FakeSQS, Server
    from panoply_testing.fixtures import Collected


# Each is an option, --panoply-NAME, and an ini key, panoply_NAME. Those with a list can be given more than once.
_OPTIONS = (
    (
        "source",
        "append",
        "MODULE",
        "test this data source: a module's name, or the path of a package or a .py file (repeatable)",
    ),
    ("params", "store", "FILE", "JSON or TOML file with the values that the source gets as `source`"),
    ("param", "append", "NAME=VALUE", "set one of these values (repeatable; [...] and {...} are read as JSON)"),
    ("options", "store", "FILE", "JSON or TOML file with what the source gets as `options`"),
    ("max-reads", "store", "N", "how many reads may pass without EOF (default: 10000)"),
    ("read-timeout", "store", "SECONDS", "how long one call into the source may take (default: 60)"),
    (
        "seed",
        "store",
        "N",
        "choose faults, hints, states and broken params in another way (default: 0); a failure names its seed",
    ),
    (
        "fault",
        "store",
        "KIND@N[:SPELL]",
        "inject only this fault, such as reset@17:once; a failure names the one that it met",
    ),
    (
        "hints",
        "store",
        "N,N,...",
        "call read() only with these hints, such as 1,None,7; a failure names those that it met",
    ),
    (
        "broken",
        "store",
        "PARAM:HOW",
        "break only this param, such as token:missing; a failure names the one that it met",
    ),
    (
        "report",
        "append",
        "FILE",
        "write a report: a page for people to FILE.html, or JSON for programs to FILE.json (repeatable)",
    ),
)
_FIXTURES_WITH_CREDENTIALS = {
    "panoply_params": "params",
    "panoply_bad_params": "params",
    "panoply_options": "options",
    "panoply_secrets": "secrets",
}
# What the checks cannot do without; of the extra `testing`, those who only use its fixtures may have a part.
_LIBRARIES = ("ahocorasick_rs", "hypothesis", "jsonschema", "psutil", "time_machine")
_STRICT = "let breaches of SHOULD rules fail, too"
_KNOWN_ISSUES = (
    "lines of `check_name: reason`: checks that are known to fail, and must go on failing until the line is removed"
)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Declare the options, each also as an ini key."""
    group = parser.getgroup("panoply", "Panoply data sources")
    for name, action, metavar, text in _OPTIONS:
        dest = f"panoply_{name.replace('-', '_')}"
        group.addoption(f"--panoply-{name}", action=action, dest=dest, metavar=metavar, default=None, help=text)
        kind: Literal["linelist", "string"] = "linelist" if action == "append" else "string"
        parser.addini(dest, f"--panoply-{name}: {text}", type=kind, default=None)
    group.addoption("--panoply-strict", action="store_true", dest="panoply_strict", default=None, help=_STRICT)
    parser.addini("panoply_strict", f"--panoply-strict: {_STRICT}", type="bool", default=None)
    parser.addini("panoply_known_issues", _KNOWN_ISSUES, type="linelist", default=None)


class Start:
    """What was there before the session imported anything of the project's."""

    def __init__(self) -> None:
        self.environment = dict(os.environ)
        self.folder = os.getcwd()  # noqa: PTH109 - the name as it is


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Remember it: what a source does at its import may be looked at once more, from there."""
    early_config.pluginmanager.register(Start(), "panoply-start")


def pytest_configure(config: pytest.Config) -> None:
    """Read the settings, where there are any, and bring the contract in, where a source is named."""
    config.pluginmanager.register(Warnings(config), "panoply-warnings")
    results = Results(config)
    if not hasattr(config, "workerinput"):  # in a process of pytest-xdist, results go to the one that shows them
        config.pluginmanager.register(results, "panoply-results")
    if not _is_asked_for_anything(config):
        return
    from panoply_testing.masked import learn  # noqa: PLC0415 - only where it is asked for
    from panoply_testing.settings import Settings  # noqa: PLC0415 - likewise

    settings = Settings.of(config)
    learn(config, params=settings.params, options=settings.options)
    results.to_write = bool(settings.reports)
    if settings.sources:
        _need_the_extra()
        from panoply_testing.items import Contract  # noqa: PLC0415 - likewise

        config.pluginmanager.register(Contract(config), "panoply-contract")


def _need_the_extra() -> None:
    """Say once what each check would trip over.

    Raises:
        pytest.UsageError: a library that judging a source takes is not installed.
    """
    from importlib.util import find_spec  # noqa: PLC0415 - only where it is asked for

    from panoply.errors import MissingExtra  # noqa: PLC0415 - likewise

    if not all(map(find_spec, _LIBRARIES)):
        raise pytest.UsageError(str(MissingExtra("testing", "testing a source")))


def _is_asked_for_anything(config: pytest.Config) -> bool:
    names = [f"panoply_{name.replace('-', '_')}" for name, *_ in _OPTIONS] + ["panoply_strict"]
    try:
        return any(config.getoption(name) for name in names) or any(
            config.getini(name) for name in (*names, "panoply_known_issues")
        )
    except (TypeError, ValueError, pytest.UsageError):
        # A value that is not of the type that pytest expects: it is there in any case, and the settings see to it.
        return True


@pytest.hookimpl(wrapper=True)
def pytest_fixture_setup(
    fixturedef: pytest.FixtureDef[Any], request: pytest.FixtureRequest
) -> Generator[None, object, object]:
    """Learn which credentials the project gives its source, in whatever way it makes them up."""
    __tracebackhide__ = True  # a fixture that fails does so without us
    value = yield
    kind = _FIXTURES_WITH_CREDENTIALS.get(fixturedef.argname)
    if kind is not None:
        from panoply_testing.masked import learn  # noqa: PLC0415 - only where it is asked for

        learn(request.config, **{kind: value})
    return value


@pytest.hookimpl(trylast=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Once a check's fixtures are there: see that they are of use."""
    # Not in a setup() of the item's own: pytest would begin the tracebacks of failing fixtures there, with its own code.
    if "panoply_testing.items" in sys.modules:
        from panoply_testing.items import CheckItem  # noqa: PLC0415 - only where it is asked for

        if isinstance(item, CheckItem):
            item.verify_fixtures()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Let the checks speak for themselves, and nothing that pytest shows of a test tell the params' credentials."""
    report = yield
    if "panoply_testing.items" in sys.modules:
        from panoply_testing.items import CheckItem, in_its_own_name  # noqa: PLC0415 - only where it is asked for

        if isinstance(item, CheckItem):
            in_its_own_name(report, item, None if call.excinfo is None else call.excinfo.value)
    if "panoply_testing.masked" in sys.modules:
        from panoply_testing.masked import mask  # noqa: PLC0415 - likewise

        mask(item.config, report)
    if "panoply_testing.items" in sys.modules:
        from panoply_testing.items import CheckItem, with_less_captured  # noqa: PLC0415 - likewise

        if isinstance(item, CheckItem):
            with_less_captured(report)  # once it is masked: a part of a credential may be taken for none
    if "panoply_testing.reporting" in sys.modules:
        from panoply_testing.reporting import attach  # noqa: PLC0415 - likewise

        attach(report, item)
    return report


class Warnings:
    """Nor what pytest shows of a warning: the hook for that is not told of which session it is."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config

    @pytest.hookimpl(tryfirst=True)
    def pytest_warning_recorded(self, warning_message: warnings.WarningMessage) -> None:
        """Mask it, before anybody keeps it."""
        if "panoply_testing.masked" in sys.modules:
            from panoply_testing.masked import mask_warning  # noqa: PLC0415 - only where it is asked for

            mask_warning(self._config, warning_message)


class Results:
    """What the checks of a session came to: gathered while it goes on, and then shown and written."""

    def __init__(self, config: pytest.Config) -> None:
        self.to_write = False
        self._config = config
        self._reports: list[pytest.TestReport] = []
        self._written: tuple[tuple[Path, str], ...] = ()
        self._time, self._clock = time.time(), time.perf_counter()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Keep what has results of ours with it, and what says that a process has died with a test."""
        if hasattr(report, "panoply_results") or report.when not in ("setup", "call", "teardown"):
            self._reports.append(report)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Write the files that were asked for."""
        if self._config.option.collectonly or not self.to_write:
            return
        from panoply_testing.reporting import gather, write  # noqa: PLC0415 - only where it is asked for

        duration = time.perf_counter() - self._clock
        self._written = write(self._config, gather(self._reports), started=self._time, duration=duration)
        if any(problem for _, problem in self._written) and session.exitstatus == pytest.ExitCode.OK:
            # Whoever asked for a file believes that it is there.
            session.exitstatus = pytest.ExitCode.USAGE_ERROR

    @pytest.hookimpl(trylast=True)
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Show what the checks came to, behind what they have to say."""
        if self._reports:
            from panoply_testing.reporting import gather, show  # noqa: PLC0415 - only where it is asked for

            show(terminalreporter, gather(self._reports))
        for path, problem in self._written:
            if problem:
                terminalreporter.write_line(f"ERROR: the report {path} could not be written: {problem}", red=True)
            else:
                terminalreporter.write_sep("-", f"panoply report: {path}")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Show what the checks have to say and what failed nothing."""
    seen: dict[str, dict[str, None]] = {}
    for reports in terminalreporter.stats.values():
        for report in reports:
            if getattr(report, "when", None) == "call":
                for key, value in report.user_properties:
                    if key == "panoply_note":  # as panoply_testing.items calls them
                        seen.setdefault(report.nodeid, {}).setdefault(value)
    if seen:
        terminalreporter.write_sep("=", "panoply: worth a look")
        width = terminalreporter.config.get_terminal_writer().fullwidth
        for nodeid, notes in seen.items():
            terminalreporter.write_line(nodeid)
            for note in notes:
                # One of several lines has been laid out before.
                lines = [note] if "\n" in note else textwrap.wrap(note, max(width, 60) - 4, break_on_hyphens=False)
                terminalreporter.write_line(textwrap.indent("\n  ".join(lines), "  "))


def pytest_pycollect_makeitem(collector: Any, name: str, obj: object) -> pytest.Item | list[pytest.Item] | None:
    """Collect the checks of a class that extends `panoply_testing.SourceContract`, and not that class itself."""
    contract = sys.modules.get("panoply_testing.source_contract")
    return None if contract is None else contract.make_item(collector, name, obj)


@pytest.fixture(scope="session")
def panoply_params(pytestconfig: pytest.Config) -> dict[str, Any]:
    """The params that the source gets as `source`: those of --panoply-params and --panoply-param.

    Override it in conftest.py, for example to start a local server first and give its address.
    """
    from panoply_testing.settings import Settings  # noqa: PLC0415

    return Settings.of(pytestconfig).params


@pytest.fixture(scope="session")
def panoply_options(pytestconfig: pytest.Config) -> dict[str, Any]:
    """The options that the source gets: those of --panoply-options."""
    from panoply_testing.settings import Settings  # noqa: PLC0415

    return Settings.of(pytestconfig).options


@pytest.fixture(scope="session")
def panoply_secrets() -> dict[str, str]:
    """Credentials that neither CONFIG nor a param's name gives away: a dict of what to call them and their values.

    Override it in conftest.py, for example for a token that a local server gives out.
    """
    return {}


@pytest.fixture(scope="session")
def panoply_source(pytestconfig: pytest.Config) -> ModuleType:
    """The data source's module: that of --panoply-source."""
    from panoply_testing.fixtures import source_module  # noqa: PLC0415

    return source_module(pytestconfig)


@pytest.fixture
def panoply_collect(
    panoply_source: ModuleType,
    panoply_params: dict[str, Any],
    panoply_options: dict[str, Any],
    pytestconfig: pytest.Config,
) -> Callable[..., Collected]:
    """A function that drives the source to EOF and gives everything that it let out.

    `panoply_collect()` runs it with the params and options at hand; `panoply_collect(params, options, n=100)` with
    others.
    """
    from panoply_testing.fixtures import collector  # noqa: PLC0415

    return collector(pytestconfig, panoply_source, panoply_params, panoply_options)


@pytest.fixture(scope="session")
def _panoply_sqs_server() -> Iterator[Server]:
    from panoply_testing.fake_sqs import serve  # noqa: PLC0415

    with serve() as server:
        yield server


@pytest.fixture
def panoply_sqs(_panoply_sqs_server: Server) -> Iterator[FakeSQS]:
    """A fake SQS with a queue of its own, as strict as the real one.

    `.apikey`, `.apisecret`, `.queue_url`; `.messages`, `.records(table=None)`, `.duplicates`, `.attempts`;
    `.expect(table, record)`, `.wait_for(count)`; faults on demand such as `.throttle(2)` and `.lose_reply()`.
    """
    from panoply_testing.fake_sqs import FakeSQS  # noqa: PLC0415

    with FakeSQS(_panoply_sqs_server) as fake:
        yield fake


@pytest.fixture
def panoply_sdk(panoply_sqs: FakeSQS) -> Iterator[SDK]:
    """A `panoply.SDK` that delivers to `panoply_sqs`; what is left is flushed at the end of the test."""
    from panoply.sdk import SDK  # noqa: PLC0415

    with SDK(panoply_sqs.apikey, panoply_sqs.apisecret, endpoint_url=panoply_sqs.endpoint_url) as sdk:
        yield sdk
