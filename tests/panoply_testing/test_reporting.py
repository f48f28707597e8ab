"""How results come together in a session: from one process and from several, whatever becomes of the checks."""

from __future__ import annotations

import itertools
import json
import xml.etree.ElementTree as ET
from dataclasses import replace
from types import SimpleNamespace

import jsonschema
import pytest

from panoply_testing import items, masked
from panoply_testing.contract import CONTRACT
from panoply_testing.observation import Batch, End, Observation, Progress, Raised, Step
from panoply_testing.plans import CLEAN
from panoply_testing.report.json import report_schema
from panoply_testing.report.model import ReadFacts, SessionReport, SourceReport
from panoply_testing.reporting import MOST_READS, facts_of, thinned
from panoply_testing.secrets import Credentials, Secret

# Leaks its token into its log, gives text where it should give dicts, and raises at its third read.
WRONG = """
import panoply

CONFIG = {"title": "x", "params": [{"name": "token", "title": "Token", "type": "password"}]}


class Stream(panoply.DataSource):
    reads = 0

    def read(self, n=None):
        self.reads += 1
        if self.reads == 3:
            raise OSError("refused with " + self.source.get("token", "no token"))
        if self.reads > 4:
            return None
        self.log("my token", self.source.get("token"))
        self.progress(self.reads, 4, "reading")
        return "text" if self.reads == 1 else [{"id": 1}, {"id": 2}]
"""

LISTS = "mymod::read_returns_list_of_dicts"
ENDS = "mymod::read_ends_with_none"
LEAKS = "mymod::logs_hide_credentials"
TOKEN = "hunter22-and-more"


def read_report(project, name="report.json") -> SessionReport:
    data = json.loads((project.path / name).read_text(encoding="utf-8"))
    jsonschema.validate(data, report_schema(), cls=jsonschema.Draft202012Validator)
    return SessionReport.from_json(data)


@pytest.fixture
def reported(project):
    """The results of the only source of a session with these arguments."""

    def reported(*args: str, apart: bool = False) -> SourceReport:
        result = project.run("--panoply-source=mymod", "--panoply-report=report.json", *args, apart=apart)
        assert result.ret in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED), result.stdout
        (source,) = read_report(project).sources
        return source

    return reported


def outcomes(source: SourceReport) -> dict[str, str]:
    return {check.name: check.outcome for check in source.checks if check.outcome != "not run"}


def shown(result: pytest.RunResult) -> list[str]:
    """The lines of the only table."""
    (start,) = (n for n, line in enumerate(result.outlines) if "= panoply: mymod =" in line)
    found = result.outlines[start + 1 :]
    end = next(n for n, line in enumerate(found) if "judged" in line)
    return found[: end + 1]


# ---------------------------------------------------------------------- what is in it


@pytest.mark.parametrize("args", [[], ["-n2"]], ids=["one process", "several"])
def test_each_check_has_its_result_in_the_contracts_order(project, reported, args):
    project.write("mymod.py", WRONG)
    source = reported(f"--panoply-param=token={TOKEN}", *args, apart=bool(args))
    assert [check.name for check in source.checks] == [check.name for check in CONTRACT]
    found = outcomes(source)
    assert found["read_returns_list_of_dicts"] == "failed"
    assert found["logs_hide_credentials"] == "failed"
    assert found["read_ends_with_none"] == "passed"
    checks = {check.name: check for check in source.checks}
    (finding,) = checks["read_returns_list_of_dicts"].findings
    assert finding.place == "read 1"
    assert finding.source.startswith("mymod.py:")
    assert (
        checks["read_returns_list_of_dicts"].again == f"pytest --panoply-source=mymod --panoply-param=token=... {LISTS}"
    )
    assert checks["read_ends_with_none"].looked_at
    assert checks["read_ends_with_none"].rule


@pytest.mark.parametrize("args", [[], ["-n2"]], ids=["one process", "several"])
def test_each_run_is_in_it_once_with_its_reads(project, reported, args):
    project.write("mymod.py", WRONG)
    source = reported(*args, apart=bool(args))
    about = [run.about for run in source.runs]
    assert len(about) == len(set(about)) > 2
    (clean,) = (run for run in source.runs if run.about == CLEAN.about)
    assert [read.records for read in clean.reads][1:] == [2, None, 2, None]
    assert [read.loaded for read in clean.reads] == [1, 2, None, 4, None]
    assert clean.reads[2].raised == "OSError: refused with no token"
    assert clean.read_count == 5
    assert clean.end == End.COMPLETE.value
    assert clean.seconds > 0


def test_without_a_file_the_single_reads_do_not_travel(project, monkeypatch):
    seen = []

    class Plugin:
        def pytest_runtest_logreport(self, report):
            seen.extend(getattr(report, "panoply_results", {}).get("runs", ()))

    args = ["-p", "no:cacheprovider", "--panoply-source=mymod", ENDS]
    assert project.pytester.inline_run(*args, plugins=[Plugin()]).ret == 0
    assert [(run["facts"]["read_count"], run["facts"]["reads"]) for run in seen] == [(3, [])]


def test_the_session_is_described(project, reported):
    reported(ENDS)
    report = read_report(project)
    assert report.kit_version
    assert report.started.endswith("+00:00")
    assert report.duration > 0


def test_checks_that_were_not_chosen_are_not_run(reported):
    assert outcomes(reported(ENDS)) == {"read_ends_with_none": "passed"}
    assert outcomes(reported("-k", "list_of")) == {"read_returns_list_of_dicts": "passed"}


def test_checks_that_the_session_ended_before_are_not_run(project, reported):
    project.write("mymod.py", WRONG)
    assert outcomes(reported("-x", LISTS, ENDS)) == {"read_returns_list_of_dicts": "failed"}


def test_a_check_that_is_skipped_says_why(project, reported):
    project.write("mymod.py", "import panoply\nclass Stream(panoply.DataSource):\n  def __init__(self): pass\n")
    check = next(each for each in reported(ENDS).checks if each.outcome != "not run")
    assert check.outcome == "skipped"
    assert check.reason.startswith("The source could not be constructed")


def test_a_fixture_that_fails_is_an_error(project, reported):
    project.write("conftest.py", "import pytest\n@pytest.fixture\ndef panoply_params(): raise OSError('no server')\n")
    source = reported(ENDS)
    assert outcomes(source) == {"read_ends_with_none": "error"}
    assert [check.reason for check in source.of("error")] == ["OSError: no server"]


@pytest.mark.parametrize(("body", "outcome"), [(WRONG, "failed"), (None, "error")])
def test_a_fixture_that_fails_afterwards_hides_no_failure(project, reported, body, outcome):
    if body:
        project.write("mymod.py", body)
    project.write(
        "conftest.py", "import pytest\n@pytest.fixture\ndef panoply_params():\n  yield {}\n  raise OSError('late')\n"
    )
    assert outcomes(reported(LISTS)) == {"read_returns_list_of_dicts": outcome}


def test_a_process_that_dies_with_a_check_makes_it_an_error(project, reported):
    project.write("conftest.py", "import os, pytest\n@pytest.fixture\ndef panoply_params(): os._exit(3)\n")
    source = reported("-n1", ENDS, apart=True)
    assert outcomes(source) == {"read_ends_with_none": "error"}
    assert "crashed" in source.of("error")[0].reason


def test_a_breach_of_a_should_rule_is_a_warning_and_under_strict_a_failure(project, reported, monkeypatch):
    project.write("mymod.py", WRONG)
    contract = [replace(check, level="SHOULD") if f"mymod::{check.name}" == LISTS else check for check in CONTRACT]
    monkeypatch.setattr(items, "CONTRACT", contract)
    (check,) = reported(LISTS).of("warned")
    assert check.level == "SHOULD"
    assert len(check.findings) == 1
    assert outcomes(reported(LISTS, "--panoply-strict")) == {"read_returns_list_of_dicts": "failed"}


def test_a_known_issue_is_one_until_it_passes(project, reported):
    project.ini("panoply_known_issues = read_returns_list_of_dicts: the far end sends text")
    (check,) = reported(LISTS).of("failed")
    assert check.reason.endswith("read_returns_list_of_dicts passes now. Remove its line from panoply_known_issues.")
    project.write("mymod.py", WRONG)
    (check,) = reported(LISTS).of("known issue")
    assert check.reason == "the far end sends text"
    assert len(check.findings) == 1


def test_each_source_and_each_class_has_its_own(project):
    project.write("other.py", WRONG)
    project.write(
        "tests/test_own.py", "from panoply_testing import SourceContract\nclass TestMine(SourceContract): pass\n"
    )
    for more in ([], ["-n2"]):
        args = ["--panoply-source=other", "--panoply-report=report.json", "-k", "list_of", *more]
        project.run(*args, apart=bool(more))
        report = read_report(project)
        assert [source.name for source in report.sources] == ["other", "tests/test_own.py::TestMine"]
        assert [outcomes(source)["read_returns_list_of_dicts"] for source in report.sources] == ["failed"] * 2


# ---------------------------------------------------------------------- the files


def test_several_files_can_be_asked_for(project):
    args = [
        "--panoply-report",
        "out/report.html",
        "--panoply-report=out/report.JSON",
        "--panoply-report=out/report.html",
    ]
    result = project.run("--panoply-source=mymod", ENDS, *args)
    assert result.ret == 0
    assert sorted(path.name for path in (project.path / "out").iterdir()) == ["report.JSON", "report.html"]
    assert (project.path / "out" / "report.html").read_text().startswith("<!doctype html>")
    result.stdout.fnmatch_lines(["*- panoply report: *report.html -*", "*- panoply report: *report.JSON -*"])


def test_a_file_named_in_the_ini_file_lies_beside_it(project, monkeypatch):
    project.ini("panoply_report = report.json")
    monkeypatch.chdir(project.path / "tests")
    project.run("--panoply-source=../mymod.py", ENDS)
    assert len(read_report(project).sources) == 1


def test_a_file_that_cannot_be_written_fails_the_session(project):
    project.write("taken", "")
    result = project.run("--panoply-source=mymod", ENDS, "--panoply-report=taken/report.json")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stdout.fnmatch_lines(["ERROR: the report *report.json could not be written: *"])


def test_of_several_processes_one_writes(project, reported):
    project.write(
        "conftest.py",
        "import pathlib\ndef pytest_unconfigure(config):\n"
        "  if hasattr(config, 'workerinput') and pathlib.Path('report.json').exists(): pathlib.Path('early').touch()\n",
    )
    assert outcomes(reported("-n1", ENDS, apart=True)) == {"read_ends_with_none": "passed"}
    assert not (project.path / "early").exists()


def test_nothing_is_written_where_nothing_is_run(project):
    project.run("--panoply-source=mymod", "--panoply-report=report.json", "--collect-only")
    assert not (project.path / "report.json").exists()
    project.run("--panoply-report=report.json", "tests")
    assert read_report(project).sources == ()


def test_files_are_written_without_a_terminal_too(project, reported):
    assert outcomes(reported(ENDS, "-p", "no:terminal")) == {"read_ends_with_none": "passed"}


def test_a_message_that_is_no_unicode_can_be_written(project, reported):
    project.write(
        "mymod.py",
        "import panoply\nclass Stream(panoply.DataSource):\n  def read(self, n=None): raise OSError('\\ud800')\n",
    )
    for args in ([], ["-n1"]):
        source = reported(ENDS, *args, apart=bool(args))
        assert "\\ud800" in source.runs[0].reads[0].raised


# ---------------------------------------------------------------------- credentials


@pytest.mark.parametrize("where", ["option", "fixture", "fixture and xdist"])
def test_no_file_and_no_table_tells_a_credential(project, where):
    project.write("mymod.py", WRONG)
    args = ["--panoply-source=mymod", "--panoply-report=report.json", "--panoply-report=report.html"]
    if where == "option":
        args.append(f"--panoply-param=token={TOKEN}")
    else:
        project.write(
            "conftest.py", f"import pytest\n@pytest.fixture\ndef panoply_params(): return {{'token': '{TOKEN}'}}\n"
        )
    result = project.run(*args, *(["-n2"] if "xdist" in where else []), apart="xdist" in where)
    texts = [result.stdout.str(), *((project.path / f"report.{kind}").read_text() for kind in ("json", "html"))]
    for text in texts:
        assert TOKEN not in text
        assert "hu***re" in text
    (source,) = read_report(project).sources
    assert "logs_hide_credentials" in [check.name for check in source.of("failed")]


@pytest.mark.parametrize("args", [[], ["-n1"]], ids=["one process", "several"])
def test_a_credential_is_masked_where_it_was_heard_of(project, reported, args):
    project.write("mymod.py", WRONG)
    # Only the fixture knows that this is one; with -n, it is another process that writes the file.
    project.write(
        "conftest.py", f"import pytest\n@pytest.fixture\ndef panoply_params(): return {{'token': '{TOKEN}'}}\n"
    )
    project.ini(f"panoply_known_issues = read_returns_list_of_dicts: not with {TOKEN}")
    (check,) = reported(LISTS, *args, apart=bool(args)).of("known issue")
    assert check.reason == "not with hu***re"


def test_a_credential_in_what_is_noted_of_a_check_is_masked_wherever_pytest_shows_it(project):
    project.write("mymod.py", WRONG)
    project.ini(f"panoply_known_issues = read_returns_list_of_dicts: not with {TOKEN}")
    args = ["--panoply-source=mymod", f"--panoply-param=token={TOKEN}", LISTS, "-rx", "--junitxml=junit.xml"]
    shown = project.run(*args).stdout.str()
    assert shown.count("known issue: not with hu***re") == 2
    for text in (shown, (project.path / "junit.xml").read_text()):
        assert "not with hu***re" in text
        assert TOKEN not in text


def test_a_credential_that_is_one_of_the_kits_own_words_leaves_the_report_whole(project, reported):
    project.write("mymod.py", WRONG)
    source = reported("--panoply-param=token=failed", "--panoply-param=password=should", LISTS, LEAKS)
    assert outcomes(source) == {"read_returns_list_of_dicts": "failed", "logs_hide_credentials": "failed"}
    assert "through log(): param token, as is: my token fa***ed" in source.of("failed")[1].gist


def test_a_credential_of_several_lines_is_not_told_line_by_line():
    key = Secret(label="param key", value="first line of it\nshort\nsecond line of it")
    config = SimpleNamespace(stash={masked._KNOWN: Credentials([key])})
    told = ["before", "first line of it", "short", "second line of it", "after"]
    shown = masked.mask_data(config, {"detail": told, "name": told}, but={"name"})
    assert shown == {"detail": ["before", *shown["detail"][1:-1], "after"], "name": told}
    assert not [line for line in told[1:-1] if line in "\n".join(shown["detail"])]


# ---------------------------------------------------------------------- what the terminal shows


@pytest.mark.parametrize("args", [[], ["-n2"], ["-q"]], ids=["one process", "several", "quiet"])
def test_the_table_stands_at_the_end(project, args):
    project.write("mymod.py", WRONG)
    project.ini("panoply_known_issues = read_returns_list_of_dicts: the far end sends text")
    result = project.run("--panoply-source=mymod", "-k", "list_of or ends_with_none", *args, apart="-n2" in args)
    left = [sum(check.level == level for check in CONTRACT) for level in ("MUST", "SHOULD")]
    *found, last = shown(result)
    assert found == [
        "              passed    known  not run",
        f"  MUST             1        1{left[0] - 2:9}",
        f"  SHOULD           -        -{left[1]:9}",
        "  known    read_returns_list_of_dicts: the far end sends text",
    ]
    assert last.startswith(f"  2 of {len(CONTRACT)} checks judged, 2 runs in ")


def test_the_table_is_as_wide_as_the_terminal(project, monkeypatch):
    project.write("mymod.py", WRONG)
    monkeypatch.setenv("COLUMNS", "64")
    cut = [line for line in shown(project.run("--panoply-source=mymod")) if line.endswith(" ...")]
    assert cut
    assert all(len(line) <= 64 for line in cut)


@pytest.mark.parametrize(("args", "coloured"), [(["--color=yes"], True), (["--color=no"], False), ([], False)])
def test_the_table_has_colours_where_pytest_has(project, monkeypatch, args, coloured):
    project.write("mymod.py", WRONG)
    for name in ("PY_COLORS", "FORCE_COLOR", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    text = project.run("--panoply-source=mymod", LISTS, *args).stdout.str()
    assert ("\x1b[31m  failed   \x1b[0m" in text) is coloured
    assert ("  failed   read_returns_list_of_dicts: read 1" in text) is not coloured


def test_a_project_without_checks_has_no_table(project):
    assert "= panoply" not in project.run("tests").stdout.str()


def test_a_junit_file_has_nothing_of_it(project):
    project.write("mymod.py", WRONG)
    project.run("--panoply-source=mymod", "--junitxml=junit.xml", "--panoply-report=report.json", LISTS, ENDS)
    (case,) = (case for case in ET.parse(project.path / "junit.xml").iter("testcase") if case.find("failure") is None)
    assert list(case) == []
    assert "panoply_results" not in (project.path / "junit.xml").read_text()


def test_what_repeats_a_check_leaves_the_sessions_report_alone(project, reported):
    project.write("mymod.py", WRONG)
    (check,) = reported("--panoply-report", "more.html", "--panoply-strict", LISTS).of("failed")
    assert check.again == f"pytest --panoply-source=mymod --panoply-strict {LISTS}"


# ---------------------------------------------------------------------- the facts of a run


def step(number: int, **more) -> Step:
    return Step(kind="read", call="read(1000)", number=number, seconds=0.5, **more)


def told(loaded: object, total: object) -> Progress:
    return Progress(
        number=1, loaded=loaded, total=total, loaded_type="int", total_type="int", msg_type="str", has_msg=True
    )


def test_the_facts_of_a_run_are_those_of_its_reads():
    raised = Raised(type_name="OSError", message="x" * 1000, where="", retryable=True)
    steps = (
        Step(kind="construct", call="Stream(source, options)", number=1, seconds=2.0),
        step(1, batch=Batch(type_name="list", is_list=True, length=2, records=2), progress=(told(1, 9), told(2, 9))),
        step(2, raised=raised),
        step(3, batch=Batch(type_name="NoneType", is_none=True)),
        step(4, batch=Batch(type_name="NoneType", is_none=True), after_eof=1),
    )
    facts = facts_of(Observation(plan=CLEAN, end=End.COMPLETE, steps=steps, seconds=4.0))
    assert (facts.about, facts.end, facts.read_count, facts.records) == (CLEAN.about, End.COMPLETE.value, 3, 2)
    assert [(each.number, each.at, each.records, each.loaded) for each in facts.reads] == [
        (1, 0.0, 2, 2),
        (2, 0.5, None, None),
        (3, 1.0, None, None),
    ]
    assert facts.reads[1].raised.startswith("OSError: xxx")
    assert len(facts.reads[1].raised) < 320
    assert facts.seconds == 4.0


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 10**400, "str", None, True])
def test_progress_that_is_no_number_a_chart_can_draw_is_left_out(value):
    facts = facts_of(Observation(plan=CLEAN, end=End.COMPLETE, steps=(step(1, progress=(told(value, value),)),)))
    assert (facts.reads[0].loaded, facts.reads[0].total) == (None, None)


def test_of_many_reads_some_are_kept_and_the_extremes_among_them():
    reads = [ReadFacts(number=n, at=n, seconds=1.0, records=100) for n in range(1, 10_001)]
    odd = {
        17: ReadFacts(number=17, at=17, seconds=9.0, records=100),
        1234: ReadFacts(number=1234, at=1234, seconds=0.1, records=100),
        2345: ReadFacts(number=2345, at=2345, seconds=1.0, records=1),
        3456: ReadFacts(number=3456, at=3456, seconds=1.0, records=999),
        4567: ReadFacts(number=4567, at=4567, seconds=1.0, raised="OSError"),
        5678: ReadFacts(number=5678, at=5678, seconds=1.0, records=100, waited=60.0),
    }
    kept = thinned([odd.get(read.number, read) for read in reads])
    numbers = [read.number for read in kept]
    assert MOST_READS - 20 < len(kept) <= MOST_READS
    assert numbers == sorted(set(numbers))
    assert {1, 10_000, *odd} <= set(numbers)
    assert max(after - before for before, after in itertools.pairwise(numbers)) < 30


def test_few_reads_are_kept_as_they_are():
    reads = tuple(ReadFacts(number=n, at=n, seconds=1.0) for n in range(1, MOST_READS + 1))
    assert thinned(reads) == reads
    raising = [ReadFacts(number=n, at=n, seconds=1.0, raised="OSError") for n in range(1, 5000)]
    assert len(thinned(raising)) <= MOST_READS
