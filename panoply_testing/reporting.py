"""How results come together in a session: noted where a check runs, gathered where the session ends, shown and written.

What a check came to travels with its report, so also from the processes of pytest-xdist: masked there, because only there
it is known which credentials the fixtures have made up. Credentials are looked for in what sources and projects have to
say, not in the kit's own words.
"""

from __future__ import annotations

import hashlib
import platform
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import pytest

from panoply.constants import __version__
from panoply_testing.contract import CONTRACT
from panoply_testing.dealings import Dealings
from panoply_testing.masked import mask_data
from panoply_testing.report._words import sound
from panoply_testing.report.model import (
    CheckResult,
    ReadFacts,
    RunFacts,
    SensorResult,
    SessionReport,
    SourceReport,
    as_json,
    from_json,
)
from panoply_testing.report.table import table, title
from panoply_testing.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from panoply_testing.checks import Check
    from panoply_testing.findings import Verdict
    from panoply_testing.observation import Observation, Step
    from panoply_testing.report.model import Outcome

__all__ = ["attach", "expect", "facts_of", "gather", "record", "record_source", "show", "thinned", "write"]

# Under this name the results of a check are part of its report. As the plugin calls it.
ATTACHED: Final = "panoply_results"

# As many as a chart has room for on a screen; a source may have a million.
MOST_READS: Final = 500

# Of an exception's message a table has room for so much; the failing check has it whole.
LONGEST_MESSAGE: Final = 300

# JSON has numbers of any size, most of its readers have not.
LARGEST_NUMBER: Final = 2**53

# What is the kit's own, or was typed by whoever started pytest.
_OWN_WORDS: Final = frozenset(
    ["kit_version", "python", "platform", "started", "of", "name", "key", "level", "outcome", "rule", "why", "end"]
)


_CHECKS: Final = {check.name: check for check in CONTRACT}


@dataclass(slots=True)
class _Said:
    """What is known of a check while it runs."""

    check: Check
    verdict: Verdict | None = None
    again: str = ""
    source: dict[str, Any] = field(default_factory=dict)


_SAID: Final = pytest.StashKey[_Said]()


# ---------------------------------------------------------------------- where a check runs


def expect(item: pytest.Item, check: Check) -> None:
    """Say which check an item stands for, so that it is in the report whatever becomes of it."""
    item.stash[_SAID] = _Said(check)


def record(item: pytest.Item, verdict: Verdict, again: str) -> None:
    """Note what the running check came to; `again` is the command that repeats it."""
    said = item.stash[_SAID]
    said.verdict, said.again = verdict, again


def record_source(
    item: pytest.Item,
    *,
    runs: Iterable[Observation] = (),
    seed: int | None = None,
    probe: Sequence[SensorResult] = (),
) -> None:
    """Note what is true of the whole source, with the check that was the first to need it.

    Args:
        item: the running check.
        runs: the runs that were made for it; each is named once in each process.
        seed: by which what is random in them can be had again.
        probe: what the kit found out about its sensors.
    """
    source = item.stash[_SAID].source
    # Where no file asks for them, the single reads stay here: there may be a hundred runs of 500 reads each.
    singly = bool(Settings.of(item.config).reports)
    # Several processes make the same runs: by its plan each is known again. A plan may say more than a report should.
    named = [{"key": _digest(repr(run.plan)), "facts": as_json(facts_of(run, singly=singly))} for run in runs]
    source.setdefault("runs", []).extend(named)
    source.setdefault("probe", []).extend(map(as_json, probe))
    if seed is not None:
        source["seed"] = seed


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def attach(report: pytest.TestReport, item: pytest.Item) -> None:
    """Put into the report of one phase of a check what is to travel with it."""
    said = item.stash.get(_SAID, None)
    if said is None or item.parent is None:
        return
    result = _result(report, said, Settings.of(item.config).known_issues.get(said.check.name, ""))
    if result is not None:
        data = {"of": item.parent.nodeid, "check": as_json(result), **said.source}
        vars(report)[ATTACHED] = _sound(mask_data(item.config, data, but=_OWN_WORDS))
    if report.when == "teardown":
        # Somebody may run it once more.
        expect(item, said.check)


def _result(report: pytest.TestReport, said: _Said, known: str) -> CheckResult | None:
    """What a phase says of the check; None where it says nothing."""
    if report.when != "call" and report.passed:
        return None
    check, verdict = said.check, said.verdict
    outcome, reason = _outcome(report, said, known)
    return CheckResult(
        name=check.name,
        level=check.level,
        outcome=outcome,
        rule=check.rule,
        why=check.why,
        looked_at="" if verdict is None else verdict.looked_at,
        reason=reason,
        findings=() if verdict is None else verdict.findings,
        notes=() if verdict is None else verdict.notes,
        again=said.again,
        seconds=report.duration,
    )


def _outcome(report: pytest.TestReport, said: _Said, known: str) -> tuple[Outcome, str]:
    """What it came to, in the report's words, and why, where that is not for the findings to say."""
    if report.when == "call" and hasattr(report, "wasxfail"):
        return ("known issue", known or report.wasxfail) if report.skipped else ("passed", "")
    if report.skipped:
        return "skipped", report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longreprtext
    if report.failed:
        found = said.verdict is not None and said.verdict.findings
        # pytest's own text ends with what went wrong.
        last = report.longreprtext.strip().rpartition("\n")[2].removeprefix("E ").strip()
        crash = getattr(getattr(report.longrepr, "reprcrash", None), "message", "")
        return ("failed" if report.when == "call" else "error"), "" if found else crash or last
    return ("warned" if said.verdict is not None and said.verdict.findings else "passed"), ""


def _sound(data: Any) -> Any:
    """The data with texts that can travel between processes, and be written."""
    if isinstance(data, str):
        return sound(data)
    if isinstance(data, dict):
        return {key: _sound(value) for key, value in data.items()}
    return [_sound(value) for value in data] if isinstance(data, list) else data


# ---------------------------------------------------------------------- what a run was


def facts_of(observation: Observation, *, singly: bool = True) -> RunFacts:
    """What a report tells of one run; `singly`: also of each read."""
    reads, at = [], 0.0
    for step in observation.reads if singly else ():
        reads.append(_read_facts(step, at))
        at += step.seconds
    steps = observation.steps
    dealings = (observation.dealings if singly else None) or Dealings()
    return RunFacts(
        about=observation.plan.about,
        end=observation.end.value,
        reads=thinned(reads),
        read_count=len(observation.reads),
        records=observation.records,
        operations=sum(step.operation_count for step in steps),
        faults=sum(step.hits for step in steps),
        seconds=observation.seconds,
        waited=sum(step.waited for step in steps),
        tables=dealings.tables,
        hosts=dealings.hosts,
        files=dealings.files,
        programs=dealings.programs,
    )


def _read_facts(step: Step, at: float) -> ReadFacts:
    last = step.last_progress or (step.progress[-1] if step.progress else None)
    raised = "" if step.raised is None else str(step.raised)
    return ReadFacts(
        number=step.number,
        at=at,
        seconds=step.seconds,
        waited=step.waited,
        records=None if step.batch is None or step.batch.is_none else step.batch.records,
        loaded=None if last is None else _plain_number(last.loaded),
        total=None if last is None else _plain_number(last.total),
        raised=raised if len(raised) <= LONGEST_MESSAGE else f"{raised[:LONGEST_MESSAGE]}...",
    )


def _plain_number(value: object) -> int | float | None:
    """A number as any reader of JSON can take it, and None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return value if abs(value) <= LARGEST_NUMBER else None  # NaN is not


def thinned(reads: Sequence[ReadFacts], most: int = MOST_READS) -> tuple[ReadFacts, ...]:
    """At most so many of the reads: the first and the last, the extremes, and the others evenly."""
    if len(reads) <= most:
        return tuple(reads)
    indices = range(len(reads))
    sizes = [index for index in indices if reads[index].records is not None] or [0]

    def size(index: int) -> int:
        return reads[index].records or 0

    def time(index: int) -> float:
        return reads[index].seconds

    chosen = {0, len(reads) - 1, min(indices, key=time), max(indices, key=time)}
    chosen |= {min(sizes, key=size), max(sizes, key=size), max(indices, key=lambda index: reads[index].waited)}
    chosen |= set([index for index in indices if reads[index].raised][: most // 10])
    room = most - len(chosen)
    chosen |= {round(step * (len(reads) - 1) / (room - 1)) for step in range(room)}
    return tuple(reads[index] for index in sorted(chosen))


# ---------------------------------------------------------------------- where the session ends


def gather(reports: Iterable[pytest.TestReport]) -> tuple[SourceReport, ...]:
    """Put together what came with the reports of all checks, in the order in which they came."""
    sources: dict[str, list[dict[str, Any]]] = {}
    for report in reports:
        data = getattr(report, ATTACHED, None) or _lost(report)
        if data is not None:
            sources.setdefault(data["of"], []).append(data)
    return tuple(_source(name, results) for name, results in sorted(sources.items()))


def _lost(report: pytest.TestReport) -> dict[str, Any] | None:
    """What there is to say of a check with which a process of pytest-xdist has come to its end."""
    name, _, last = report.nodeid.rpartition("::")
    check = _CHECKS.get(last)
    if check is None or report.when in ("setup", "call", "teardown"):
        return None
    result = replace(_not_run(check), outcome="error", reason=report.longreprtext)
    return {"of": name, "check": as_json(result)}


def _not_run(check: Check) -> CheckResult:
    return CheckResult(name=check.name, level=check.level, outcome="not run", rule=check.rule, why=check.why)


def _source(name: str, results: Iterable[dict[str, Any]]) -> SourceReport:
    checks: dict[str, CheckResult] = {}
    runs: dict[str, RunFacts] = {}
    probe: dict[str, SensorResult] = {}
    seed = None
    for data in results:
        result = from_json(CheckResult, data["check"])
        before = checks.get(result.name)
        # A fixture that breaks down after the check makes nothing of a failure.
        if before is None or result.outcome != "error" or before.outcome != "failed":
            checks[result.name] = result
        for run in data.get("runs", ()):
            runs.setdefault(run["key"], from_json(RunFacts, run["facts"]))
        for sensor in data.get("probe", ()):
            probe.setdefault(sensor["name"], from_json(SensorResult, sensor))
        seed = data.get("seed", seed)
    every = {name: _not_run(check) for name, check in _CHECKS.items()} | checks
    return SourceReport(
        name=name, seed=seed, checks=tuple(every.values()), runs=tuple(runs.values()), probe=tuple(probe.values())
    )


def show(terminal: pytest.TerminalReporter, sources: Iterable[SourceReport]) -> None:
    """Show one table for each source, as wide as the terminal is."""
    width = terminal.config.get_terminal_writer().fullwidth
    for source in sources:
        terminal.write_sep("=", title(source))
        for line in table(source, width):
            for text, colour in line:
                terminal.write(text, **{colour: True} if colour else {})
            terminal.write_line("")


def write(
    config: pytest.Config, sources: tuple[SourceReport, ...], *, started: float, duration: float
) -> tuple[tuple[Path, str], ...]:
    """Write the report files that were asked for, and give the path of each, with what went wrong or no text."""
    report = SessionReport(
        kit_version=__version__,
        python=platform.python_version(),
        platform=platform.platform(),
        started=datetime.fromtimestamp(started, UTC).isoformat(timespec="seconds"),
        duration=duration,
        sources=sources,
    )
    # Once more: with -n, this process knows what the command line gave, which the others may have heard of too late.
    report = SessionReport.from_json(mask_data(config, report.to_json(), but=_OWN_WORDS))
    return tuple((path, _write(path, report)) for path in Settings.of(config).reports)


def _write(path: Path, report: SessionReport) -> str:
    if path.suffix.lower() == ".json":
        from panoply_testing.report.json import render  # noqa: PLC0415 - only the one that is asked for
    else:
        from panoply_testing.report.html import render  # noqa: PLC0415 - likewise
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(render(report), encoding="utf-8")
    except OSError as exc:
        return exc.strerror or str(exc)
    return ""
