"""The contract as pytest sees it: a collector for each source, with one test item for each check."""

from __future__ import annotations

import os
import shlex
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest

from panoply.loading import load_source
from panoply_testing import probe
from panoply_testing._anew import Anew
from panoply_testing._ticking import ticker_of
from panoply_testing.checks import Context
from panoply_testing.contract import CONTRACT
from panoply_testing.findings import skipped
from panoply_testing.isolation import Limits, observe
from panoply_testing.plans import CLEAN
from panoply_testing.report import model
from panoply_testing.report._words import sound
from panoply_testing.report.text import explain, headline
from panoply_testing.reporting import expect, record, record_source
from panoply_testing.runs import Inputs, Runs
from panoply_testing.secrets import secrets_named
from panoply_testing.settings import Settings, Source, meant

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Sequence

    from panoply_testing.checks import Check
    from panoply_testing.probe import SensorResult

__all__ = [
    "CheckItem",
    "Contract",
    "Homes",
    "SourceModule",
    "anew_by",
    "in_its_own_name",
    "inputs_of",
    "judge",
    "mark",
    "with_less_captured",
]

# Under this name a check's notes travel with its report (also from the processes of pytest-xdist).
NOTE = "panoply_note"

# Before each line of what fails nothing, where the session shows it at its end.
_INDENT = "  "

# What is captured while a check runs is mostly a local server's log of a hundred runs: so many lines of it are shown.
_CAPTURED = 10

_NOTHING = object()
_PROBED: pytest.StashKey[tuple[SensorResult, ...]] = pytest.StashKey()

# Whoever gave a params file believes that it was used.
_IGNORED = (
    "The params given to pytest ({}) are not used: a fixture panoply_params of the project's takes their place. "
    "Let it ask for panoply_params itself, and give back what it wants of them."
)

# The fixtures by which a project tells how its source is to be run.
_FIXTURES = ("panoply_params", "panoply_options", "panoply_bad_params", "panoply_source", "panoply_secrets")


class _NoDict(Exception):
    """A fixture of the project's gives something that no source can be built with."""


class CheckItem(pytest.Function):
    """One check of one source."""

    def verify_fixtures(self) -> None:
        """See that what the project's fixtures gave is of use."""
        for name in ("panoply_params", "panoply_options"):
            value = self.funcargs.get(name, {})
            if not isinstance(value, dict):
                raise _NoDict(f"The fixture {name} gives a {type(value).__name__}; it has to give a dict.")

    def reportinfo(self) -> tuple[Path, int, str]:
        """Say that it belongs to the source, rather than to this file."""
        module, *_ = self.nodeid.split("::")
        # The blank keeps the name as it is: what an id ends with, pytest would show with `::` for each dot.
        return self.config.rootpath / module, 0, f"{self.nodeid} "


class SourceModule(pytest.Module):
    """One source under test, as the collector of its checks.

    It is a module so that fixtures of any scope work. The module that it holds is an empty one: the source's own is only
    imported where it is watched.
    """

    source: Source
    runs: Runs

    @classmethod
    def of(cls, parent: pytest.Collector, source: Source) -> SourceModule:
        """The collector for one source, in the folder whose fixtures it is run with."""
        node: SourceModule = cls.from_parent(
            parent, path=source.origin or parent.config.rootpath / source.name, name=source.name, nodeid=source.name
        )
        node.source = source
        node.obj = ModuleType(source.name)
        return node

    def collect(self) -> Iterator[pytest.Item]:
        """One item for each check, in the contract's order."""
        settings = Settings.of(self.config)
        load_anew = partial(load_source, self.source.target, self.source.folder)
        runs = self.runs = Runs(
            self.source.load,
            settings.limits,
            ticker_of(self.config, self.source.name),
            anew_by(self.config, load_anew),
        )
        for check in CONTRACT:
            item = CheckItem.from_parent(self, name=check.name, callobj=_test(check, runs))
            mark(item, check, settings)
            yield item


def mark(item: pytest.Item, check: Check, settings: Settings) -> None:
    """Mark what is known before a check is run: that it is not there yet, or that its failure is known."""
    expect(item, check)
    if not check.is_implemented:
        item.add_marker(pytest.mark.skip(reason="not implemented yet"))
    elif check.name in settings.known_issues:
        # A fixture that fails is no known issue.
        reason = f"known issue: {settings.known_issues[check.name]}"
        item.add_marker(pytest.mark.xfail(reason=reason, strict=True, raises=pytest.fail.Exception))


def _test(check: Check, runs: Runs) -> Callable[..., None]:
    if not check.is_implemented:

        def nothing() -> None:
            """Marked to be skipped: needs no fixtures."""

        return nothing

    def test(
        request: pytest.FixtureRequest,
        panoply_params: dict[str, Any],
        panoply_options: dict[str, Any],
        panoply_secrets: object,
    ) -> None:
        judge(request, check, runs, inputs_of(request, panoply_params, panoply_options, panoply_secrets))

    return test


def anew_by(config: pytest.Config, load: Callable[[], ModuleType]) -> Anew:
    """How another interpreter imports a source: with what the session began with."""
    started = config.pluginmanager.get_plugin("panoply-start")
    if started is None:
        return Anew(load=load)
    return Anew(load=load, environment=started.environment, folder=started.folder)


def inputs_of(
    request: pytest.FixtureRequest, params: dict[str, Any], options: dict[str, Any], secrets: object
) -> Inputs:
    """What the project's fixtures give its source."""
    try:
        bad = request.getfixturevalue("panoply_bad_params")
    except pytest.FixtureLookupError as exc:
        if exc.argname != "panoply_bad_params":
            raise
        bad = None
    if bad is not None and not isinstance(bad, dict):
        raise _NoDict(f"The fixture panoply_bad_params gives a {type(bad).__name__}; it has to give a dict.")
    try:
        named = secrets_named(secrets)
    except TypeError as exc:
        raise _NoDict(str(exc)) from None
    return Inputs(params=params, options=options, bad_params=bad, secrets=named)


def judge(request: pytest.FixtureRequest, check: Check, runs: Runs, inputs: Inputs) -> None:
    """Pass, fail or skip the running test by what the check finds."""
    item: pytest.Item = request.node
    settings = Settings.of(item.config)
    ignored = sorted(name for name, value in settings.params.items() if inputs.params.get(name, _NOTHING) != value)
    if ignored:
        item.user_properties.append((NOTE, _IGNORED.format(", ".join(ignored))))
    context = Context(
        ask=lambda plan: runs.get(plan, inputs),
        seed=settings.seed,
        fault=settings.fault,
        hints=settings.hints,
        broken=settings.broken,
        bad_params=inputs.bad_params is not None,
        max_reads=settings.limits.max_reads,
    )
    probed = probed_in(item.config)
    deaf = [each for each in probed if not each.heard and each.name.startswith(check.sensors)] if check.sensors else []
    verdict = skipped(_deaf(deaf)) if deaf else check.verdict(context)
    again = f"{settings.command} {_as_argument(item)}"
    record(item, verdict, again)
    made = runs.untold()
    # Once a source, with the first of its runs.
    facts = [_as_facts(each) for each in probed] if any(run.plan == CLEAN for run in made) else []
    record_source(item, runs=made, seed=settings.seed, probe=facts)
    if verdict.skip is not None:
        item.user_properties += [(NOTE, sound(note)) for note in verdict.notes]
        pytest.skip(sound(verdict.skip))
    known = settings.known_issues.get(check.name)
    if verdict.findings:
        text = explain(check, verdict, again, settings.width - len(_INDENT))
        if known is not None:
            item.user_properties.append((NOTE, f"known issue: {known}"))
        if check.level == "MUST" or settings.strict or known is not None:
            pytest.fail(f"{headline(verdict)}\n\n{text}", pytrace=False)
        item.user_properties.append((NOTE, text))
    for note in verdict.notes:
        item.user_properties.append((NOTE, sound(note)))


def probed_in(config: pytest.Config) -> tuple[SensorResult, ...]:
    """What the kit's sensors heard of the faults that it has planted for them: once a session, before anything is judged."""
    if _PROBED not in config.stash:
        with probe.params() as params:
            seen = observe(CLEAN, load=probe.load, params=params, options={}, limits=Limits())
        config.stash[_PROBED] = probe.sensors(seen)
    return config.stash[_PROBED]


def _as_facts(result: SensorResult) -> model.SensorResult:
    return model.SensorResult(name=result.name, planted=int(result.planted), heard=int(result.heard), note=result.note)


def _deaf(results: Sequence[SensorResult]) -> str:
    names = ", ".join(result.name for result in results)
    return (
        f"Not judged, since what it relies on does not work here: {names}. {results[0].note} Something in this environment, "
        "or in the project's conftest.py, may have replaced what is listened to."
    )


def _as_argument(item: pytest.Item) -> str:
    """The id of an item, as one would type it where pytest was started."""
    file, *rest = item.nodeid.split("::")
    if (item.config.rootpath / file).is_file():
        file = os.path.relpath(item.config.rootpath / file, item.config.invocation_params.dir)
    return shlex.quote("::".join((file, *rest)))


def in_its_own_name(report: pytest.TestReport, item: CheckItem, exception: BaseException | None) -> None:
    """Let a check speak for itself where pytest would show a line of this file, or none."""
    if isinstance(exception, _NoDict):
        report.longrepr = str(exception)
    elif report.skipped and isinstance(report.longrepr, tuple):
        *_, reason = report.longrepr
        report.longrepr = (item.nodeid, None, reason.removeprefix("Skipped: "))  # type: ignore[assignment]
    elif report.failed and isinstance(report.longrepr, str) and report.longrepr.startswith("[XPASS(strict)]"):
        report.longrepr += f"\n{item.name} passes now. Remove its line from panoply_known_issues."


def with_less_captured(report: pytest.TestReport) -> None:
    """Keep the end of what was captured: whole, it would bury what the check says."""
    for number, (title, content) in enumerate(report.sections):
        lines = content.splitlines()
        if len(lines) > _CAPTURED:
            left_out = f"({len(lines) - _CAPTURED:,} lines before these are left out; -s and --log-file=FILE of pytest give all)"
            report.sections[number] = (title, "\n".join((left_out, *lines[-_CAPTURED:])))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """Which checks were asked for by their ids, in the place of files.

    Attributes:
        ids: `mymod::check_name`, or `mymod` for all of a source. None at all: nobody spoke of single checks.
        only: whether nothing else was asked for.
        left_out: whether the user asked for files and tests of the project, and only the ini file names a source.
    """

    ids: tuple[str, ...] = ()
    only: bool = False
    left_out: bool = False

    def __contains__(self, item: pytest.Item) -> bool:
        return not self.ids or item.nodeid in self.ids or item.nodeid.partition("::")[0] in self.ids


class Contract:
    """Adds the contract's items to a session."""

    def __init__(self, config: pytest.Config) -> None:
        self._settings = Settings.of(config)
        self._asked = _asked(config, self._settings)
        self._homes = Homes(config)

    def pytest_ignore_collect(self, collection_path: Path) -> bool | None:
        """Where only checks were asked for, take from the project its conftest files, and no tests."""
        return True if self._asked.only and collection_path.is_file() else None

    @pytest.hookimpl(wrapper=True)
    def pytest_make_collect_report(
        self, collector: pytest.Collector
    ) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
        """Remember the folders: the fixtures of a conftest.py belong to the node of its folder."""
        report = yield
        if isinstance(collector, pytest.Directory):
            self._homes.add(collector, report)
        return report

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, session: pytest.Session, items: list[pytest.Item]) -> None:
        """Put the contract behind the project's own tests, before -k, --deselect and --lf choose among them all."""
        if self._asked.left_out:
            return
        for source in self._settings.sources:
            node = SourceModule.of(self._homes.of(source) or session, source)
            checks = [item for item in node.collect() if item in self._asked]
            # The collector itself does not go the usual way: --lf would take it for a file in which nothing failed.
            for check in checks:
                items.extend(session.genitems(check))
            report = pytest.CollectReport(node.nodeid, "passed", longrepr=None, result=list(checks))
            session.ihook.pytest_collectreport(report=report)


class Homes:
    """The folders of a project, among them the one whose conftest.py says how a source is to be run."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._collected: dict[Path, pytest.Collector] = {}
        self._seen: dict[Path, pytest.Collector] = {}
        root = config.rootpath
        self._tests = [root / "tests", root / "test"]
        self._tests += [path for pattern in config.getini("testpaths") for path in sorted(root.glob(pattern))]

    def add(self, folder: pytest.Collector, report: pytest.CollectReport) -> None:
        """Take note of a folder that was collected."""
        self._collected[folder.path] = folder
        self._seen.update({node.path: node for node in report.result if isinstance(node, pytest.Directory)})

    def of(self, source: Source) -> pytest.Collector | None:
        """The folder that is nearest to the source among those that define a fixture for it.

        Where a test folder of the project lies below it, it is that one: it has the fixtures of both.
        """
        for folder in self._tests:
            self._reach(folder)
        conftests = self._conftests()
        telling = [path for path, module in conftests.items() if _tells(module)]
        places = telling or [path for path in conftests if self._is_main(path)]
        if not places:
            return None
        origin = source.origin or self._config.rootpath
        name = source.name.rpartition(".")[2]

        def nearness(path: Path) -> tuple[object, ...]:
            return _shared(path, origin), name in path.parts, self._is_main(path), -len(path.parts)

        best = max(sorted(places), key=nearness)
        below = (path for path in (best / "tests", best / "test", *self._tests) if path in conftests)
        return self._collected[next((path for path in below if best in path.parents), best)]

    def _reach(self, folder: Path) -> None:
        """Collect a folder, without its tests, where the session's arguments lead past it."""
        for path in (*reversed(folder.parents), folder):
            node = self._seen.get(path)
            if node is not None and path not in self._collected:
                report = node.ihook.pytest_make_collect_report(collector=node)
                if not report.passed:
                    node.ihook.pytest_collectreport(report=report)

    def _conftests(self) -> dict[Path, ModuleType]:
        found = {}
        for plugin in self._config.pluginmanager.get_plugins():
            if isinstance(plugin, ModuleType) and plugin.__file__ is not None:
                path = Path(plugin.__file__)
                if path.name == "conftest.py" and path.parent in self._collected:
                    found[path.parent] = plugin
        return found

    def _is_main(self, path: Path) -> bool:
        return path == self._config.rootpath or path in self._tests


def _tells(conftest: ModuleType) -> bool:
    """Whether it defines one of the fixtures by which a project tells how its source is run."""
    # A fixture may have another name than its function: it is an attribute of what the decorator makes of that.
    return any(name in _FIXTURES or getattr(value, "name", None) in _FIXTURES for name, value in vars(conftest).items())


def _shared(path: Path, other: Path) -> int:
    """How many folders two paths have in common, from the root on."""
    together = 0
    for one, two in zip(path.parts, other.parts, strict=False):
        if one != two:
            break
        together += 1
    return together


def _asked(config: pytest.Config, settings: Settings) -> _Asked:
    """Take ids such as `mymod::read_ends_with_none` out of the arguments: to pytest they would be missing files."""
    checks = {check.name for check in CONTRACT}
    names, folder = [source.name for source in settings.sources], config.invocation_params.dir
    own = [arg for arg in config.args if arg in names and not (folder / arg).exists()]
    for arg in config.args:
        name, colons, check = arg.partition("::")
        if colons and name in names:
            if check not in checks:
                raise pytest.UsageError(f"{name} has no check {check!r}.{meant(check)}")
            own.append(arg)
    rest = [arg for arg in config.args if arg not in own]
    if not own:
        return _Asked(left_out="--panoply-source" not in settings.command and _narrowed(config))
    # The folders are collected all the same: their conftest.py may hold the fixtures.
    config.args[:] = rest or _by_default(config)
    return _Asked(ids=tuple(own), only=not rest)


def _by_default(config: pytest.Config) -> list[str]:
    """What pytest collects where it is given no arguments."""
    folder = config.invocation_params.dir
    if folder != config.rootpath:
        return [str(folder)]
    found = [str(path) for pattern in config.getini("testpaths") for path in sorted(folder.glob(pattern))]
    return found or [str(folder)]


def _narrowed(config: pytest.Config) -> bool:
    """Whether the user asked for single files or tests, rather than for folders."""
    if config.args_source is not pytest.Config.ArgsSource.ARGS or not config.args:
        return False
    folder = config.invocation_params.dir
    return all("::" in arg or (folder / arg).is_file() for arg in config.args)
