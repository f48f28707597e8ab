"""A review as a dossier: one page from which somebody can decide about a source that they have never seen.

Nothing is loaded from anywhere, and nothing on it runs. It begins with the verdict and what was found, the worst first; then
comes what the source is, what it does, and what it is made of.
"""

from __future__ import annotations

import importlib.resources
from typing import TYPE_CHECKING, Final

from panoply_testing.plans import CLEAN
from panoply_testing.report import html as contract_page
from panoply_testing.report._markup import NOTHING, Safe, head_cell, joined, table, tag, terms
from panoply_testing.report._words import count, duration
from panoply_testing.review.formats._words import heading, remedy, summary, where
from panoply_testing.review.model import GROUPS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from panoply._form import Field, FieldKind
    from panoply_testing.dealings import Column, Host, Table
    from panoply_testing.report.model import RunFacts, SourceReport
    from panoply_testing.review._dossier import (
        CredentialWay,
        Dependency,
        Dossier,
        History,
        OwnTests,
        Package,
        SourceForm,
    )
    from panoply_testing.review.model import Finding, Group, Review, Rule

__all__ = ["render"]

# As the report's, and images that the page itself brings along.
_POLICY: Final = f"{contract_page.POLICY}; img-src data:"

_VERDICTS: Final = {"ready": "passed", "findings": "failed", "incomplete": "warned"}
_LEVELS: Final = {"MUST": "failed", "SHOULD": "warned"}

_HINTS: Final[dict[FieldKind, str]] = {
    "number": "a number",
    "masked": "what is typed is masked",
    "login": "opens a window to log in",
    "one": "choose one",
    "several": "choose any",
}

# Outcomes of tests that neither passed nor are anybody's fault.
_EXCUSED: Final = frozenset({"skipped", "xfailed"})

_KIB: Final = 1024


def render(review: Review) -> str:
    """The whole page."""
    sections = [each for each in _sections(review) if each[2]]
    folder = importlib.resources.files("panoply_testing")
    styles = (folder / "report" / "report.css", folder / "review" / "formats" / "dossier.css")
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("meta", name="referrer", content="no-referrer"),
        tag("meta", http_equiv="Content-Security-Policy", content=_POLICY),
        tag("title", f"Review of {heading(review)}"),
        tag("style", *(Safe(style.read_text(encoding="utf-8")) for style in styles)),
    )
    contents = tag(
        "nav",
        tag("ul", *(tag("li", tag("a", title, href=f"#{key}")) for key, title, _ in sections)),
        aria_label="Contents",
    )
    main = tag(
        "main",
        *(
            tag("section", tag("h2", title, id=f"{key}-title"), *parts, id=key, aria_labelledby=f"{key}-title")
            for key, title, parts in sections
        ),
        id="main",
    )
    body = tag("body", tag("a", "To the findings", class_="skip", href="#main"), _top(review), contents, main)
    return f"<!doctype html>\n{tag('html', head, body, lang='en')}\n"


def _top(review: Review) -> Safe:
    forms = (review.dossier.forms if review.dossier else None) or ()
    icon = next((each.icon for each in forms if each.icon), "")
    facts = (
        review.started.replace("T", " ").replace("+00:00", " UTC"),
        f"took {duration(review.duration)}",
        f"panoply {review.kit_version}" if review.kit_version else "",
        f"module {review.module}" if review.module else "",
    )
    return tag(
        "header",
        tag("img", src=icon, alt="", width=48, height=48, class_="icon") if icon else NOTHING,
        tag("h1", f"Review of {heading(review)}"),
        tag("p", summary(review), class_=f"verdict {_VERDICTS[review.verdict]}"),
        tag("p", " · ".join(each for each in facts if each), class_="quiet"),
    )


_Section = tuple[str, str, list[Safe]]


def _sections(review: Review) -> Iterator[_Section]:
    """For each its key, its title, and what is in it; what has nothing in it is left out."""
    yield "findings", "Findings", list(_findings(review))
    yield "open", "Not checked, ignored, worth knowing", list(_open(review))
    yield from _told(review.dossier or _nothing())
    yield "rules", "Rules", [_rules(review), _times(review)]


def _nothing() -> Dossier:
    from panoply_testing.review._dossier import Dossier  # noqa: PLC0415 - only where nobody has gathered one

    return Dossier()


def _told(dossier: Dossier) -> Iterator[_Section]:
    yield "dossier", "The dossier", [tag("p", dossier.problem)] if dossier.problem else []
    yield "source", "What users see", [part for each in dossier.forms or () for part in _form(each)]
    contract = dossier.contract or ()
    yield (
        "dealings",
        "What it reads and writes",
        [*(p for each in contract for p in _dealings(each)), *_refused(dossier)],
    )
    yield "credentials", "Where its credentials go", [] if dossier.ways is None else list(_ways(dossier.ways))
    yield "contract", "The contract", list(_contract(dossier))
    yield "tests", "Its own tests", [] if dossier.tests is None else list(_tests(dossier.tests))
    tree = dossier.dependencies
    yield "dependencies", "What is installed with it", [] if tree is None else list(_dependencies(tree))
    yield "package", "The package", [] if dossier.package is None else list(_package(dossier.package))
    yield "history", "History", [] if dossier.history is None else list(_history(dossier.history))


# ---------------------------------------------------------------------- what was found


def _findings(review: Review) -> Iterator[Safe]:
    if not review.findings:
        more = " No rule was judged." if not review.judged else ""
        yield tag("p", f"Nothing was found.{more}")
    for group in _worst_first(review):
        yield tag("h3", group)
        for finding in review.findings:
            if review.rule(finding.rule).group == group:
                yield _finding(review, finding)


def _worst_first(review: Review) -> list[Group]:
    """The groups that have findings, those in which a MUST is broken before the others."""
    levels = [(review.rule(each.rule).group, review.level(each)) for each in review.findings]
    groups = [group for group in GROUPS if any(group == each for each, _ in levels)]
    return sorted(groups, key=lambda group: (group, "MUST") not in levels)


def _finding(review: Review, finding: Finding) -> Safe:
    rule = review.rule(finding.rule)
    steps = (
        tag("li", tag("code", f"{step.path}:{step.line}" if step.path else ""), " ", step.what) for step in finding.flow
    )
    return tag(
        "article",
        _about(rule),
        tag("p", finding.found),
        terms(
            ("where", tag("code", where(finding)) if finding.path else ""),
            ("how it gets there", tag("ol", *steps, class_="flow") if finding.flow else ""),
            ("why", rule.why),
            ("to do", remedy(review, finding)),
        ),
        class_=f"card {_LEVELS[rule.level]}",
    )


def _about(rule: Rule) -> Safe:
    return tag(
        "h4",
        tag("span", rule.level, class_=f"badge {_LEVELS[rule.level]}"),
        " ",
        tag("span", rule.name, class_="name"),
    )


def _open(review: Review) -> Iterator[Safe]:
    yield from _reasons("Not checked", "Why", ((each.rule, each.reason) for each in review.unchecked))
    if review.ignored:
        yield tag("h3", f"Ignored with a reason: {len(review.ignored)}")
    for each in review.ignored:
        rule = review.rule(each.finding.rule)
        yield tag(
            "article",
            _about(rule),
            tag("p", each.finding.found),
            terms(
                ("where", tag("code", where(each.finding)) if each.finding.path else ""),
                ("the author's reason", each.reason),
                ("why the rule", rule.why),
            ),
            class_="card",
        )
    yield from _reasons("Known from the baseline", "Found", ((each.rule, each.found) for each in review.known))
    yield from _reasons("Worth knowing", "What", ((each.rule, each.text) for each in review.notes))
    if review.left_out:
        yield tag("h3", f"Not asked for: {len(review.left_out)}")
        yield tag("p", ", ".join(review.left_out), class_="quiet name")


def _row_head(text: str) -> Safe:
    return tag("th", tag("span", text, class_="name"), scope="row")


def _reasons(title: str, column: str, entries: Iterable[tuple[str, str]]) -> Iterator[Safe]:
    """A table of rules; what is said of several is said once."""
    alike: dict[str, dict[str, None]] = {}
    for rule, text in entries:
        alike.setdefault(text, {})[rule] = None
    if alike:
        rows = (tag("tr", _row_head(", ".join(rules)), tag("td", text)) for text, rules in alike.items())
        yield tag("h3", title)
        yield table(tag("tr", head_cell("Rule"), head_cell(column)), rows, "checks", about=title)


# ---------------------------------------------------------------------- the form


def _form(source: SourceForm) -> Iterator[Safe]:
    yield tag("h3", source.title or source.module)
    if source.problem:
        yield tag("p", f"Nobody could look: {source.problem}.")
        return
    icon = tag("img", src=source.icon, alt="its icon", width=64, height=64, class_="icon") if source.icon else ""
    yield terms(
        ("module", tag("code", source.module)),
        ("icon", joined([icon, tag("span", f" {source.icon_note}", class_="quiet")])),
        ("categories", ", ".join(source.categories)),
        ("keywords", ", ".join(source.keywords)),
        ("created", source.created),
    )
    if source.form is None:
        yield tag("p", "There is no form to be drawn: CONFIG is not valid.")
        return
    form = source.form
    folded = [tag("p", "Advanced, folded away at first", class_="fold")] if form.advanced else []
    nothing = [] if form.fields or form.advanced else [tag("p", "There is nothing to fill in.")]
    yield tag(
        "div",
        tag("p", form.title, class_="form-title"),
        *map(_field, form.fields),
        *folded,
        *map(_field, form.advanced),
        *nothing,
        class_="form",
        role="group",
        aria_label=f"The form of {source.title or source.module}",
    )
    if source.params:
        names = ("Param", "Type", "Required", "Credential", "Hidden")
        rows = (
            tag(
                "tr",
                _row_head(each.name),
                tag("td", each.type or "text"),
                *(tag("td", "yes" if flag else "") for flag in (each.is_required, each.is_credential, each.is_hidden)),
            )
            for each in source.params
        )
        yield table(tag("tr", *map(head_cell, names)), rows, about=f"The params of {source.module}")


def _field(field: Field) -> Safe:
    required = tag("span", " *", class_="failed", aria_label="required") if field.is_required else NOTHING
    after = tag("span", f" after {', '.join(field.waits_for)}", class_="quiet") if field.waits_for else NOTHING
    texts = [text for text in (_HINTS.get(field.kind, ""), field.help, field.note, field.link) if text]
    return tag(
        "div",
        tag("p", tag("strong", field.label), required, after),
        _box(field),
        *(tag("p", text, class_="quiet help") for text in texts),
        class_="field",
    )


def _box(field: Field) -> Safe:
    if field.are_asked_for:
        return tag("p", "what the source offers, when it is asked", class_="box hint")
    if field.choices:
        marks = ("☐", "☑") if field.kind == "several" else ("○", "◉")
        entries = (
            tag("li", f"{marks[is_chosen]} {name}", class_="" if is_enabled else "hint")
            for name, is_chosen, is_enabled in field.choices
        )
        return tag("ul", *entries, class_="box")
    if field.kind == "switch":
        return tag("p", "☑" if field.shows == "true" else "☐", class_="box")
    return tag("p", field.shows or " ", class_="box" if field.is_filled else "box hint")


# ---------------------------------------------------------------------- what it does


def _dealings(source: SourceReport) -> Iterator[Safe]:
    run = next((run for run in source.runs if run.about == CLEAN.about), None)
    if run is None:
        return
    yield tag("h3", tag("span", source.name, class_="name"))
    yield tag(
        "p",
        f"In a run from start to end, with the params of the project's tests: {count(run.read_count, 'read')}, "
        f"{count(run.records, 'record')} in {duration(run.seconds)}. Of values only the shapes are shown: "
        "A and a for letters, 9 for digits.",
        class_="quiet",
    )
    yield from _hosts(run.hosts)
    yield tag("h4", f"Tables: {len(run.tables)}")
    for each in run.tables:
        yield _table(each)
    yield from _touched(run)


def _hosts(hosts: tuple[Host, ...]) -> Iterator[Safe]:
    yield tag("h4", f"Hosts: {len(hosts)}")
    if not hosts:
        yield tag("p", "It spoke to nobody.")
        return
    rows = (
        tag(
            "tr",
            _row_head(each.host),
            tag("td", f"{each.operations:,}" if each.operations else "not seen", class_="number"),
            tag("td", "yes" if each.encrypted else "not seen" if not each.operations else "no"),
            tag("td", *(tag("div", tag("code", request)) for request in each.requests)),
        )
        for each in hosts
    )
    head = tag(
        "tr", head_cell("Host"), head_cell("Operations", number=True), head_cell("TLS"), head_cell("Kinds of requests")
    )
    yield table(head, rows, about="Whom it spoke to")


def _table(told: Table) -> Safe:
    more = told.column_count - len(told.columns)
    seen = f", of which {told.looked_at:,} were looked at" if told.looked_at < told.records else ""
    about = (
        f"{told.table}: {count(told.records, 'record')}{seen}, {count(told.column_count, 'column')}"
        f"{f', the first {len(told.columns)} of them' if more > 0 else ''}"
    )
    samples = max((len(each.samples) for each in told.columns), default=0)
    names = ("Column", "Type", "Filled", *(f"Sample {number}" for number in range(1, samples + 1)))
    head = tag("tr", *(head_cell(name, number=name == "Filled") for name in names))
    return table(head, (_column(each, told.looked_at) for each in told.columns), about=about)


def _column(column: Column, looked_at: int) -> Safe:
    filled = f"{100 * column.filled // looked_at} %" if looked_at else ""
    return tag(
        "tr",
        _row_head(column.column),
        tag("td", " or ".join(column.types) or "always empty"),
        tag("td", filled, class_="number"),
        *(tag("td", tag("code", sample)) for sample in column.samples),
    )


def _touched(run: RunFacts) -> Iterator[Safe]:
    yield tag("h4", f"Files: {len(run.files)}")
    if run.files:
        rows = (
            tag("tr", _row_head(each.path), tag("td", each.how), tag("td", tag("code", each.where)))
            for each in run.files
        )
        head = tag("tr", head_cell("File"), head_cell("What became of it"), head_cell("Where in the code"))
        yield table(head, rows, about="Files that its own code had to do with")
    else:
        yield tag("p", "Its own code touched no file.")
    yield tag("h4", f"Processes: {len(run.programs)}")
    if run.programs:
        rows = (
            tag(
                "tr",
                _row_head(each.program),
                tag("td", tag("code", each.arguments)),
                tag("td", tag("code", each.where)),
            )
            for each in run.programs
        )
        head = tag("tr", head_cell("Program"), head_cell("Arguments, without values"), head_cell("Where in the code"))
        yield table(head, rows, about="Processes that it started")
    else:
        yield tag("p", "It started no process.")


def _refused(dossier: Dossier) -> Iterator[Safe]:
    if dossier.refused:
        yield tag("h3", "Refused")
        yield tag("p", "In some run of the contract it wanted to reach these, where only this machine can be reached:")
        yield tag("ul", *(tag("li", each, class_="name") for each in dossier.refused))


def _contract(dossier: Dossier) -> Iterator[Safe]:
    if dossier.contract_problem:
        yield tag("p", f"pytest {dossier.contract_problem}.", class_="failed")
    for source in dossier.contract or ():
        yield tag("h3", tag("span", source.name, class_="name"))
        yield contract_page.checks(source)


# ---------------------------------------------------------------------- what it is made of


def _tests(run: OwnTests) -> Iterator[Safe]:
    if run.problem:
        yield tag("p", f"pytest {run.problem}.", class_="failed")
    outcomes = dict.fromkeys(each.outcome for each in run.tests)
    parts = [f"{run.count(each):,} {each}" for each in outcomes] or ["no test"]
    coverage = run.coverage
    covers = [f"{_percent(coverage)} of the source's lines run"] if coverage is not None else ["coverage not measured"]
    yield tag("p", " · ".join([*parts, *covers, duration(run.seconds)]))
    told = [each for each in run.tests if each.outcome != "passed"]
    if told:
        rows = (
            tag(
                "tr",
                _row_head(each.name),
                tag("td", each.outcome, class_="skipped" if each.outcome in _EXCUSED else "failed"),
                tag("td", each.message),
            )
            for each in told
        )
        head = tag("tr", head_cell("Test"), head_cell("Outcome"), head_cell("What it says"))
        yield table(head, rows, "checks", about="Tests that did not pass")
    files: dict[str, list[str]] = {}
    for each in run.tests:
        if each.outcome == "passed":
            path, _, name = each.name.partition("::")
            files.setdefault(path, []).append(name)
    if files:
        listed = (
            joined([tag("p", path, class_="name"), tag("ul", *(tag("li", name, class_="name") for name in names))])
            for path, names in files.items()
        )
        yield _folded(f"{count(run.count('passed'), 'test')} passed", joined(listed))
    if run.covered:
        rows = (
            tag(
                "tr",
                _row_head(each.path),
                tag("td", f"{each.statements:,}", class_="number"),
                tag("td", f"{each.missing:,}", class_="number"),
                tag("td", _percent(each.percent), class_="number"),
            )
            for each in run.covered
        )
        head = tag(
            "tr", head_cell("File"), *(head_cell(name, number=True) for name in ("Statements", "Not run", "Covered"))
        )
        yield table(head, rows, about="Coverage by the project's own tests")


def _percent(value: float) -> str:
    """Cut, not rounded: what is not all is not 100 %."""
    return f"{int(value * 10) / 10:g} %"


def _ways(ways: tuple[CredentialWay, ...]) -> Iterator[Safe]:
    yield tag("p", "As far as reading the code tells; what a library does with it is not told here.", class_="quiet")
    if not ways:
        yield tag("p", "The code hands no credential to anything outside of it.")
    for way in ways:
        rows = (
            tag(
                "tr",
                _row_head(end.what),
                tag("td", end.where),
                tag("td", tag("ol", *(tag("li", step) for step in end.steps), class_="flow")),
                class_="failed" if end.is_leak else "",
            )
            for end in way.ends
        )
        head = tag("tr", head_cell("It goes to"), head_cell("In"), head_cell("By this way"))
        yield table(head, rows, about=f"The {way.credential}")


def _folded(title: str, inner: Safe) -> Safe:
    return tag("details", tag("summary", title), inner)


def _dependencies(tree: tuple[Dependency, ...]) -> Iterator[Safe]:
    every = {each.name: each for top in tree for each in _all(top)}
    size = sum(each.size or 0 for each in every.values())
    yield tag(
        "p",
        f"{len(tree):,} asked for, {count(len(every), 'library', 'libraries')} in all, {_bytes(size)}, as installed here.",
    )
    if tree:
        yield tag("ul", *map(_dependency, tree), class_="tree")


def _all(node: Dependency) -> Iterator[Dependency]:
    yield node
    for each in node.needs:
        yield from _all(each)


def _dependency(node: Dependency) -> Safe:
    facts = [
        node.version or "not installed",
        "" if node.size is None else _bytes(node.size),
        node.licence,
        "what it needs is told above" if node.told else "",
    ]
    inner = tag("ul", *map(_dependency, node.needs)) if node.needs else NOTHING
    return tag(
        "li",
        tag("span", f"{node.name}{node.asked}", class_="name"),
        " ",
        tag("span", " · ".join(each for each in facts if each), class_="quiet"),
        inner,
    )


def _bytes(size: int) -> str:
    if size < _KIB:
        return count(size, "byte")
    return f"{size / _KIB:,.0f} KiB" if size < _KIB**2 else f"{size / _KIB**2:,.1f} MiB"


def _package(package: Package) -> Iterator[Safe]:
    if package.problem:
        yield tag("p", f"There is no wheel: {package.problem}.")
        return
    rows = (tag("tr", _row_head(each.path), tag("td", _bytes(each.size), class_="number")) for each in package.files)
    head = tag("tr", head_cell("File"), head_cell("Size", number=True))
    yield tag("p", f"The wheel has {count(len(package.files), 'file')}, {_bytes(package.size)}.")
    yield table(head, rows, about="What is in the wheel")


def _history(history: History) -> Iterator[Safe]:
    if history.problem:
        yield tag("p", f"There is no history: {history.problem}.")
        return
    authors = ", ".join(f"{each.name} ({each.commits:,})" for each in history.authors)
    yield terms(
        ("commit", tag("code", history.head)),
        ("main branch", history.branch or "nobody can tell"),
        ("commits", f"{history.commit_count:,}"),
        ("authors", authors),
        ("not committed", count(history.changed, "path") if history.changed else "nothing"),
    )
    if history.tags:
        rows = (
            tag(
                "tr",
                _row_head(each.name),
                tag("td", "annotated" if each.is_annotated else "lightweight: no object, no author, no date"),
                tag("td", tag("code", each.commit), " (the one under review)" if each.is_reviewed else ""),
                tag("td", each.tagger),
                tag("td", each.date),
                tag("td", each.subject),
            )
            for each in history.tags
        )
        names = ("Tag", "Kind", "Commit", "Tagged by", "On", "Message")
        more = (
            f", the first {len(history.tags)} of {history.tag_count}" if history.tag_count > len(history.tags) else ""
        )
        yield table(tag("tr", *map(head_cell, names)), rows, about=f"Tags{more}")
    else:
        yield tag("p", "There is no tag.")
    rows = (
        tag("tr", _row_head(each.id), tag("td", each.date), tag("td", each.author), tag("td", each.subject))
        for each in history.commits
    )
    more = f" {len(history.commits)} of {history.commit_count:,}" if history.commit_count > len(history.commits) else ""
    yield table(tag("tr", *map(head_cell, ("Commit", "On", "By", "Message"))), rows, about=f"The last commits{more}")


# ---------------------------------------------------------------------- the rules


def _rules(review: Review) -> Safe:
    became = dict.fromkeys((rule.name for rule in review.rules), ("not judged", "skipped"))
    became |= dict.fromkeys(review.kept, ("kept", "passed"))
    became |= dict.fromkeys((each.rule for each in review.unchecked), ("not checked", "skipped"))
    became |= dict.fromkeys((each.finding.rule for each in review.ignored), ("ignored", "warned"))
    became |= dict.fromkeys((each.rule for each in review.known), ("known", "warned"))
    became |= {each.rule: ("broken", _LEVELS[review.level(each)]) for each in review.findings}
    rows = (
        tag(
            "tr",
            tag(
                "th",
                tag("span", rule.name, class_="name"),
                " ",
                tag("span", rule.level, class_="level"),
                tag("p", rule.claim, class_="quiet"),
                scope="row",
            ),
            tag("td", rule.group),
            tag("td", became[rule.name][0], class_=became[rule.name][1]),
        )
        for rule in review.rules
    )
    head = tag("tr", head_cell("Rule"), head_cell("Group"), head_cell("Outcome"))
    every = table(head, rows, "checks", about="All rules that were asked for")
    return _folded(f"{count(len(review.rules), 'rule')}, {len(review.kept)} of them kept", every)


def _times(review: Review) -> Safe:
    slowest = sorted(review.seconds, key=lambda each: -each[1])
    told = ", ".join(f"{name} {duration(seconds)}" for name, seconds in slowest)
    return tag("p", f"Time for each family, side by side: {told}.", class_="quiet") if told else NOTHING
