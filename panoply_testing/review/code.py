"""The rules that are judged by reading a source's code: code in, outcome out. Only `look` finds the code."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from panoply_testing.review._ask_conventions import ask_conventions
from panoply_testing.review._code import Code, File, parse_code, parse_file
from panoply_testing.review._code_config import KnownParams, known_params
from panoply_testing.review._code_conventions import IGNORED, RULE_SET, Complaint, Conventions
from panoply_testing.review._code_failures import judge_failures, judge_recursion
from panoply_testing.review._code_flow import judge_flow
from panoply_testing.review._code_leftovers import judge_leftovers, judge_prints
from panoply_testing.review._code_limits import judge_constructor, judge_limits
from panoply_testing.review._code_params import judge_declared, judge_read
from panoply_testing.review._code_reading import Reading, read_code
from panoply_testing.review._environment import needs_of
from panoply_testing.review._module_facts import module_of
from panoply_testing.review._project import source_files
from panoply_testing.review._pytest_facts import full_of
from panoply_testing.review._site import files_of
from panoply_testing.review.model import Finding, Outcome, Rule, Unchecked

if TYPE_CHECKING:
    from collections.abc import Callable

    from panoply_testing.review._site import Site

__all__ = ["RULES", "Code", "File", "KnownParams", "judge_code", "known_params", "look", "parse_code", "parse_file"]

RULES: Final = (
    Rule(
        name="files_are_valid_python",
        group="code",
        level="MUST",
        claim="Every file of the package is Python that parses.",
        why="A file with a syntax error cannot be imported, and no other rule can look into it.",
        fix="Open the file at the line that is named; the mistake is there or shortly before it.",
    ),
    Rule(
        name="credentials_stay_inside",
        group="code",
        level="MUST",
        claim="No credential out of source, options or CONFIG comes to a log, a message, an exception, a file or a process's arguments.",
        why="Logs and errors are kept, sent on and read by people who must not have the customer's credentials.",
        fix="Leave the value out, or show that it is there: its length, its last four characters, a fingerprint.",
    ),
    Rule(
        name="source_keys_are_declared",
        group="config",
        level="MUST",
        claim="Each key that is read from source is a param of CONFIG, or one that the platform sets.",
        why="Nobody can enter a value that the form does not ask for: source[key] raises, source.get(key) is always None.",
        fix="Add a param to CONFIG, or mend the name.",
    ),
    Rule(
        name="params_are_read",
        group="config",
        level="SHOULD",
        claim="Each param of CONFIG is read somewhere; those that the platform consumes need not be.",
        why="Users fill in a field and nothing comes of it.",
        fix="Use the value, or take the param out of CONFIG.",
    ),
    Rule(
        name="calls_have_time_limits",
        group="code",
        level="SHOULD",
        claim="Each call of the network has a time limit.",
        why="A far end that falls silent hangs the collection, for hours, without a word in the log.",
        fix="Give the call a time limit, or the session that makes it.",
    ),
    Rule(
        name="failures_are_not_swallowed",
        group="code",
        level="MUST",
        claim="Nothing that read() calls takes a failure for the end of the data, or for no rows.",
        why="A collection that fails looks like one that succeeded, and the customer's table is short without anybody knowing.",
        fix="Let the exception out: read() is called again. Catch only what you can name, where you know what to do about it.",
    ),
    Rule(
        name="read_does_not_recurse",
        group="code",
        level="SHOULD",
        claim="No read() calls itself, by whatever way.",
        why="A thousand empty pages in a row, or a far end that keeps failing, end in a RecursionError.",
        fix="Use a loop.",
    ),
    Rule(
        name="nothing_is_printed",
        group="code",
        level="SHOULD",
        claim="The package does not write to standard output or standard error.",
        why="On the platform nobody sees it; where records go to standard output, it comes between them.",
        fix="Use self.log().",
    ),
    Rule(
        name="constructor_does_no_work",
        group="code",
        level="SHOULD",
        claim="Neither importing nor constructing the source asks the network, or waits.",
        why="A read() that fails is called again, a constructor is not; and the platform makes sources that it never reads.",
        fix="Do it at the first read().",
    ),
    Rule(
        name="no_leftovers",
        group="code",
        level="SHOULD",
        claim="No breakpoints, debug switches, trial limits, notes to oneself or commented-out code are left.",
        why="A limit for a trial loses rows for good; a reader cannot tell what is meant and what was forgotten.",
        fix="Finish it, or delete it and open an issue.",
    ),
    Rule(
        name="code_keeps_conventions",
        group="code",
        level="SHOULD",
        claim=f"The code passes ruff with these rules: {', '.join(RULE_SET)}, without {', '.join(IGNORED)}.",
        why="Names that do not exist, imports that nobody uses and mutable defaults are mistakes that a tool finds for nothing.",
        fix=f"Run `ruff check --isolated --select {','.join(RULE_SET)} --ignore {','.join(IGNORED)}`; many can be mended by --fix.",
    ),
    Rule(
        name="types_hold",
        group="code",
        level="SHOULD",
        claim="Where the project declares types (a [tool.mypy] in pyproject.toml, or a py.typed), mypy finds them right.",
        why="Types that do not hold mislead those who rely on them.",
        fix="Run `mypy` in the project.",
    ),
)

_NAMES: Final = tuple(rule.name for rule in RULES)

_TOO_LARGE: Final = (
    "the code is too large to be followed to the end: data in it, such as a table of thousands of entries, belongs into a data "
    "file of the package"
)

# A project has to be told that it does not keep the conventions, not how often: so many findings are shown of a kind.
_MOST_ALIKE: Final = 20


# What ruff and mypy are asked for.
_CONVENTIONS: Final = frozenset({"code_keeps_conventions", "types_hold"})


def look(site: Site) -> Outcome:
    """Read the code of the project's package, and judge it by what CONFIG says."""
    asked = _conventions(site) if site.names & _CONVENTIONS else None
    reading = site.fact(reading_of)
    return judge_code(replace(reading.code, conventions=asked), reading)


def _conventions(site: Site) -> Conventions:
    within = None if site.fact(needs_of).missing else site.fact(full_of)
    return ask_conventions(site.project.root, site.project.tops, files=site.fact(files_of), within=within)


def reading_of(site: Site) -> Reading:
    """The code of the project's package, read to the end, and what CONFIG says of the params in it."""
    project, module = site.project, site.fact(module_of)[0]
    known = known_params(module.view)
    code = parse_code(
        {path.relative_to(project.root).as_posix(): path.read_bytes() for path in source_files(project)},
        package=module.name,
        stream=module.stream,
        # Where CONFIG could not be had, nobody can say what it declares.
        params=known.params if module.has_config else None,
        credentials=known.credentials,
        widgets=known.widgets,
        oauth=known.oauth,
        root="" if project.base == "." else project.base,
    )
    return read_code(code)


def judge_code(code: Code, reading: Reading | None = None) -> Outcome:
    """Judge all rules of this module.

    Where a file does not parse, the others are judged without it.

    Args:
        code: what to judge.
        reading: what was read of it. None: it is read now.
    """
    unparsed = [_unparsed(file) for file in code.files if file.tree is None]
    findings: list[Finding] = [*unparsed, *judge_prints(code), *judge_leftovers(code)]
    unchecked: list[Unchecked] = []
    judged = ["files_are_valid_python", "nothing_is_printed", "no_leftovers"]
    reading = reading or read_code(code)
    for name, judge in _BY_READING.items():
        found = judge(reading)
        findings += found
        if reading.notes.exhausted and not found:
            unchecked.append(Unchecked(rule=name, reason=_TOO_LARGE))
        else:
            judged.append(name)
    for name, judge_params in _BY_PARAMS.items():
        if code.params is None:
            unchecked.append(Unchecked(rule=name, reason="CONFIG could not be read"))
        elif unparsed or reading.notes.exhausted:
            unchecked.append(Unchecked(rule=name, reason="not all of the code could be read"))
        else:
            judged.append(name)
            findings += judge_params(reading, code.params)
    for name, complaints, reason in _of_tools(code):
        if complaints is None:
            unchecked.append(Unchecked(rule=name, reason=reason))
        else:
            judged.append(name)
            findings += [_complained(name, each) for each in complaints[:_MOST_ALIKE]]
            if len(complaints) > _MOST_ALIKE:
                more = len(complaints) - _MOST_ALIKE
                findings.append(Finding(rule=name, found=f"{more} more are not shown.", key="more"))
    ordered = sorted(judged, key=_NAMES.index)
    return Outcome(judged=tuple(ordered), findings=tuple(_in_order(findings)), unchecked=tuple(unchecked))


_BY_READING: Final[dict[str, Callable[[Reading], list[Finding]]]] = {
    "credentials_stay_inside": judge_flow,
    "calls_have_time_limits": judge_limits,
    "failures_are_not_swallowed": judge_failures,
    "read_does_not_recurse": judge_recursion,
    "constructor_does_no_work": judge_constructor,
}

_BY_PARAMS: Final[dict[str, Callable[[Reading, tuple[str, ...]], list[Finding]]]] = {
    "source_keys_are_declared": judge_declared,
    "params_are_read": judge_read,
}


def _unparsed(file: File) -> Finding:
    return Finding(
        rule="files_are_valid_python",
        found=f"Python cannot parse it: {file.error}.",
        path=file.path,
        line=file.error_line,
        key=file.path,
    )


def _of_tools(code: Code) -> list[tuple[str, tuple[Complaint, ...] | None, str]]:
    said = code.conventions
    if said is None:
        reason = "ruff and mypy were not asked"
        return [("code_keeps_conventions", None, reason), ("types_hold", None, reason)]
    types = said.mypy if said.typed else None
    why_not = said.mypy_missing if said.typed else "the project declares no types: no [tool.mypy], no py.typed"
    return [("code_keeps_conventions", said.ruff, said.ruff_missing), ("types_hold", types, why_not)]


def _complained(rule: str, complaint: Complaint) -> Finding:
    return Finding(
        rule=rule,
        found=f"{complaint.code}: {complaint.message}",
        path=complaint.path,
        line=complaint.line,
        column=complaint.column,
        key=f"{complaint.path}:{complaint.code}:{complaint.message}",
    )


def _in_order(findings: list[Finding]) -> list[Finding]:
    return sorted(
        findings, key=lambda finding: (_NAMES.index(finding.rule), finding.path, finding.line, finding.column)
    )
