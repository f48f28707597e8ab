"""A session's report as one page: nothing is loaded from anywhere, and nothing on it runs.

It is legible on a phone, in the dark and on paper. What failed comes first and in full, what passed last and in a line.
"""

from __future__ import annotations

import importlib.resources
from typing import TYPE_CHECKING, Final, get_args

from panoply_testing.checks import Level
from panoply_testing.plans import CLEAN
from panoply_testing.report._charts import charts
from panoply_testing.report._markup import NOTHING, Safe, head_cell, joined, table, tag, terms
from panoply_testing.report._words import count, duration, number
from panoply_testing.report.model import OUTCOMES, alike

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from panoply_testing.findings import Finding
    from panoply_testing.report.model import CheckResult, Outcome, ReadFacts, RunFacts, SessionReport, SourceReport

__all__ = ["POLICY", "checks", "render"]

# Should some text of a source's ever get past the escaping: it could still load nothing, and run nothing.
POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"

_IN_FULL: Final[tuple[Outcome, ...]] = ("failed", "error", "warned", "known issue")


def render(report: SessionReport) -> str:
    """The whole page."""
    names = ", ".join(source.name for source in report.sources) or "no source"
    style = importlib.resources.files("panoply_testing.report") / "report.css"
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("meta", http_equiv="Content-Security-Policy", content=POLICY),
        tag("title", f"Contract report: {names}"),
        tag("style", Safe(style.read_text(encoding="utf-8"))),
    )
    facts = (
        report.started.replace("T", " ").replace("+00:00", " UTC"),
        duration(report.duration),
        f"panoply {report.kit_version}",
        f"Python {report.python}",
        report.platform,
    )
    nothing = tag("p", "No check of the contract was run in this session.")
    body = tag(
        "body",
        tag("h1", "Data source contract"),
        tag("p", " · ".join(facts), class_="quiet"),
        *([_source(source, f"s{place}") for place, source in enumerate(report.sources, 1)] or [nothing]),
    )
    return f"<!doctype html>\n{tag('html', head, body, lang='en')}\n"


def _source(source: SourceReport, key: str) -> Safe:
    return tag(
        "section",
        tag("h2", tag("span", source.name, class_="name"), id=key),
        _tiles(source),
        _totals(source),
        *(_in_full(check) for outcome in _IN_FULL for check in source.of(outcome)),
        _reading(source.runs, key),
        _skipped(source.of("skipped")),
        _passed(source.of("passed")),
        _runs(source.runs),
        _probe(source),
        _not_run(source.of("not run")),
        class_="source",
    )


def checks(source: SourceReport) -> Safe:
    """What became of the checks, without how it came about."""
    return joined(
        [
            _tiles(source),
            _totals(source),
            *(_in_full(check) for outcome in _IN_FULL for check in source.of(outcome)),
            _skipped(source.of("skipped")),
            _passed(source.of("passed")),
            _not_run(source.of("not run")),
        ]
    )


def _class(outcome: Outcome) -> str:
    return {"known issue": "known", "not run": "not-run"}.get(outcome, outcome)


# ---------------------------------------------------------------------- the numbers


def _tiles(source: SourceReport) -> Safe:
    shown = [outcome for outcome in OUTCOMES if outcome in ("passed", "failed") or source.count(outcome)]
    tiles = (
        tag(
            "li",
            tag("strong", f"{source.count(outcome):,}", class_=_class(outcome) if source.count(outcome) else "quiet"),
            outcome,
            tag("small", *(tag("span", f"{source.count(outcome, level)} {level} ") for level in get_args(Level))),
        )
        for outcome in shown
    )
    return tag("ul", *tiles, class_="tiles")


def _totals(source: SourceReport) -> Safe:
    parts = [f"{source.judged} of {count(len(source.checks), 'check')} judged"]
    if source.runs:
        parts.append(f"{count(len(source.runs), 'run')} in {duration(sum(run.seconds for run in source.runs))}")
    if waited := sum(run.waited for run in source.runs):
        parts.append(f"{duration(waited)} that the source wanted to wait were not waited for")
    if source.seed is not None:
        parts.append(f"seed {source.seed}")
    return tag("p", " · ".join(parts), class_="quiet")


# ---------------------------------------------------------------------- the checks


def _in_full(check: CheckResult) -> Safe:
    return tag(
        "article",
        tag(
            "h4",
            tag("span", check.outcome, class_=f"badge {_class(check.outcome)}"),
            " ",
            tag("span", check.name, class_="name"),
            " ",
            tag("span", check.level, class_="level"),
        ),
        tag("p", check.rule),
        *(_finding(finding, check.again) for finding in check.findings),
        terms(
            ("reason", check.reason),
            ("why", check.why),
            ("looked at", check.looked_at),
            *(("note", note) for note in check.notes),
            ("again", tag("code", check.again) if check.again else ""),
        ),
        class_=f"card {_class(check.outcome)}",
    )


def _finding(finding: Finding, again: str) -> Safe:
    detail = "\n".join(finding.detail)
    entries = terms(
        ("where", finding.place),
        ("expected", finding.expected),
        ("received", finding.received),
        ("source", tag("code", finding.source) if finding.source else ""),
        ("stack", tag("code", detail) if detail else ""),
        ("to do", finding.fix),
        ("just this", tag("code", finding.again(again)) if finding.replay and again else ""),
    )
    return tag("div", entries, class_="finding")


def _skipped(checks: tuple[CheckResult, ...]) -> Safe:
    if not checks:
        return NOTHING
    rows = (tag("tr", tag("td", reason), tag("td", ", ".join(names), class_="name")) for reason, names in alike(checks))
    head = tag("tr", head_cell("Why"), head_cell("Checks"))
    return joined([tag("h3", f"Skipped: {len(checks)}"), table(head, rows, "checks")])


def _passed(checks: tuple[CheckResult, ...]) -> Safe:
    if not checks:
        return NOTHING
    rows = (
        tag(
            "tr",
            tag(
                "th",
                tag("span", check.name, class_="name"),
                " ",
                tag("span", check.level, class_="level"),
                tag("p", check.rule, class_="quiet"),
                scope="row",
            ),
            tag("td", check.looked_at, *(tag("p", note, class_="quiet") for note in check.notes)),
            tag("td", duration(check.seconds), class_="number"),
        )
        for check in checks
    )
    head = tag("tr", head_cell("Check"), head_cell("Looked at"), head_cell("Time", number=True))
    return joined([tag("h3", f"Passed: {len(checks)}"), table(head, rows, "checks")])


def _not_run(checks: tuple[CheckResult, ...]) -> Safe:
    if not checks:
        return NOTHING
    names = ", ".join(check.name for check in checks)
    return joined([tag("h3", f"Not run: {len(checks)}"), tag("p", names, class_="quiet name")])


# ---------------------------------------------------------------------- the runs


def _reading(runs: tuple[RunFacts, ...], key: str) -> Safe:
    main = _telling(runs)
    if main is None:
        return NOTHING
    about = tag("p", f"In {main.about}." if main.about.startswith("a ") else f"The run: {main.about}.", class_="quiet")
    return joined([tag("h3", "Reading"), about, charts(main, key), _numbers(main)])


def _runs(runs: tuple[RunFacts, ...]) -> Safe:
    if not runs:
        return NOTHING
    head = tag(
        "tr",
        *(
            head_cell(text, number=text not in ("Run", "How it ended"))
            for text in ("Run", "How it ended", "Reads", "Records")
        ),
        *(head_cell(text, number=True) for text in ("Network operations", "Faults", "Time", "Not waited for")),
    )
    return joined([tag("h3", f"Runs: {len(runs)}"), table(head, map(_run, runs))])


def _telling(runs: Iterable[RunFacts]) -> RunFacts | None:
    """The run to draw: the one from start to end, as the platform reads; else where nothing was made to fail, the longest."""

    def worth(run: RunFacts) -> tuple[bool, bool, int]:
        return run.about == CLEAN.about, not run.faults, run.read_count

    return max((run for run in runs if run.reads), key=worth, default=None)


def _run(run: RunFacts) -> Safe:
    numbers = (f"{each:,}" for each in (run.read_count, run.records, run.operations, run.faults))
    return tag(
        "tr",
        tag("th", run.about, scope="row"),
        tag("td", run.end),
        *(tag("td", each, class_="number") for each in numbers),
        tag("td", duration(run.seconds), class_="number"),
        tag("td", duration(run.waited) if run.waited else "", class_="number"),
    )


def _numbers(run: RunFacts) -> Safe:
    """What the charts show, for those who would rather read it."""
    head = tag(
        "tr",
        *(head_cell(text, number=True) for text in ("Read", "Time", "Records", "Loaded", "Total")),
        head_cell("Raised"),
    )
    return tag("details", tag("summary", "The same in numbers"), table(head, map(_read, run.reads)))


def _read(read: ReadFacts) -> Safe:
    def cells() -> Iterator[str]:
        yield f"{read.number:,}"
        yield duration(read.seconds)
        for value in (read.records, read.loaded, read.total):
            yield "" if value is None else number(value)

    return tag("tr", *(tag("td", each, class_="number") for each in cells()), tag("td", read.raised))


def _probe(source: SourceReport) -> Safe:
    if not source.probe:
        return NOTHING
    rows = (
        tag(
            "tr",
            tag("th", each.name, scope="row"),
            tag("td", f"{each.planted:,}", class_="number"),
            tag("td", f"{each.heard:,}", class_="number" if each.heard >= each.planted else "number failed"),
            tag("td", each.note),
        )
        for each in source.probe
    )
    head = tag(
        "tr", head_cell("Sensor"), head_cell("Planted", number=True), head_cell("Heard", number=True), head_cell("Note")
    )
    about = "Before it trusted its sensors, the kit planted something for each, and looked what it heard."
    return joined([tag("h3", "Sensors"), tag("p", about, class_="quiet"), table(head, rows)])
