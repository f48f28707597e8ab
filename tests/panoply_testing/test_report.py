"""What reports look like, and that nothing a source says can change what they are."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from dataclasses import fields, replace
from html.parser import HTMLParser

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from panoply_testing.checks import Check
from panoply_testing.dealings import Column, File, Host, Program, Table
from panoply_testing.findings import Finding, failed
from panoply_testing.report import html
from panoply_testing.report import json as written
from panoply_testing.report._words import duration, number, shortened
from panoply_testing.report.model import (
    OUTCOMES,
    SCHEMA_ID,
    VERSION,
    CheckResult,
    ReadFacts,
    RunFacts,
    SensorResult,
    SessionReport,
    SourceReport,
)
from panoply_testing.report.table import table, title
from panoply_testing.report.text import explain, headline

# How long an example takes is the machine's affair.
UNTIMED = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])

FINDING = Finding(
    place="read 3",
    expected="all 20 records",
    received="12 of 20 records",
    fix="Move on only when the page has been taken over.",
    source="acme/source.py:41 in read",
    detail=("acme/source.py:41 in read", "acme/api.py:12 in page"),
)


def check(name="read_ends_with_none", level="MUST", outcome="passed", **more) -> CheckResult:
    return CheckResult(name=name, level=level, outcome=outcome, rule="It does.", why="Because.", **more)


def read(at, **more) -> ReadFacts:
    return ReadFacts(number=at, at=at / 10, seconds=0.1, **more)


RUN = RunFacts(
    about="a run from start to end",
    end="it went through",
    reads=(
        read(1, records=1000, loaded=1000, total=1500),
        read(2, raised="OSError: gone", waited=60),
        read(3, records=500, loaded=1500, total=1500),
        read(4, loaded=1500, total=1500),
    ),
    read_count=4,
    records=1500,
    operations=7,
    seconds=0.4,
    waited=60,
    tables=(
        Table(
            table="orders",
            records=1500,
            looked_at=1000,
            columns=(Column(column="id", types=("integer",), filled=1000, samples=("9", "99")),),
            column_count=1,
        ),
    ),
    hosts=(Host(host="api.acme.com:443", operations=7, requests=("GET /orders",), encrypted=True),),
    files=(File(path="./cache", how="written", where="acme/source.py:41 in read"),),
    programs=(Program(program="gzip", arguments="-d", where="acme/source.py:43 in read"),),
)
SOURCE = SourceReport(
    name="acme",
    seed=7,
    checks=(
        check(looked_at="12 reads", notes=("Worth knowing.",), seconds=0.5),
        check("read_stays_at_eof"),
        check(
            "read_survives_a_fault", outcome="failed", findings=(FINDING,), again="pytest acme::read_survives_a_fault"
        ),
        check("log_is_used", "SHOULD", "warned", findings=(replace(FINDING, received="nothing was logged"),)),
        check("batches_are_large", "SHOULD", "known issue", reason="small pages", findings=(FINDING,)),
        check("state_ids_are_unique", outcome="skipped", reason="The source reports no state."),
        check("state_resumes", outcome="skipped", reason="The source reports no state."),
        check("config_icon_is_image", outcome="skipped", reason="There is no icon."),
        check("close_is_idempotent", outcome="not run"),
        check("read_terminates", outcome="error", reason="OSError: no server"),
    ),
    runs=(RUN, replace(RUN, about="reset@3:once", faults=1, end="it raised, again and again")),
    probe=(
        SensorResult(name="sockets", planted=2, heard=2),
        SensorResult(name="files", planted=3, heard=1, note="a pity"),
    ),
)
REPORT = SessionReport(
    kit_version="4.0.0",
    python="3.11.7",
    platform="Linux",
    started="2024-05-31T10:00:00+00:00",
    duration=12.5,
    sources=(SOURCE,),
)


def lines(source: SourceReport, width: int) -> list[str]:
    return ["".join(text for text, _ in line) for line in table(source, width)]


# ---------------------------------------------------------------------- the table


def test_the_table_says_in_a_few_lines_what_became_of_a_source():
    assert title(SOURCE) == "panoply: acme"
    assert lines(SOURCE, 88) == [
        "              passed   failed    error   warned    known  skipped  not run",
        "  MUST             2        1        1        -        -        3        1",
        "  SHOULD           -        -        -        1        1        -        -",
        "  failed   read_survives_a_fault: read 3: 12 of 20 records",
        "  error    read_terminates: OSError: no server",
        "  warned   log_is_used: read 3: nothing was logged",
        "  known    batches_are_large: small pages",
        "  skipped  2 checks: The source reports no state. (state_ids_are_unique, state_resumes)",
        "  skipped  config_icon_is_image: There is no icon.",
        "  deaf     files: 1 of 3 that were planted were heard (a pity)",
        "  5 of 10 checks judged, 2 runs in 800 ms, 2 min not waited for, seed 7",
    ]


def test_a_source_without_a_fault_needs_four_lines():
    source = SourceReport(name="acme", checks=(check(), check("log_is_used", "SHOULD")), probe=SOURCE.probe[:1])
    assert lines(source, 80) == [
        "              passed",
        "  MUST             1",
        "  SHOULD           1",
        "  2 of 2 checks judged, 1 sensor heard all that was planted",
    ]


def test_only_what_there_is_any_of_is_coloured():
    colours = {text.strip(): colour for line in table(SOURCE, 80) for text, colour in line if colour}
    assert colours.pop("2") == "green"
    assert colours == {
        "failed": "red",
        "error": "red",
        "warned": "yellow",
        "known": "yellow",
        "1": "yellow",
        "deaf": "yellow",
    }


@UNTIMED
@given(st.text(), st.integers(74, 200))
def test_no_text_breaks_the_table(text, width):
    checks = tuple(
        check(f"name{n}", outcome=outcome, reason=text, findings=(replace(FINDING, place="read 1", received=text),))
        for n, outcome in enumerate(OUTCOMES)
    )
    source = replace(SOURCE, checks=checks, probe=(SensorResult(name=text, planted=2, heard=1, note=text),))
    for line in lines(source, width):
        assert len(line) <= width
        assert line.isprintable()
    others = replace(source, checks=tuple(each for each in checks if each.outcome != "skipped"), probe=SOURCE.probe)
    assert 1 <= len(lines(source, width)) - len(lines(others, width)) <= 7  # of which one may be of the last line


def test_why_checks_were_skipped_is_shown_whole_and_their_names_are_cut():
    reason = "There is no network here. " + "Provide params (--panoply-params=FILE), made up if need be. " * 3
    checks = tuple(
        check(name, outcome="skipped", reason=reason.strip()) for name in ("state_resumes", "log_is_used") * 5
    )
    shown = lines(SourceReport(name="acme", checks=checks), 80)[3:-1]
    text = " ".join(line.strip() for line in shown)
    assert text.startswith(f"skipped  10 checks: {reason}(state_resumes, log_is_used, ")
    assert text.endswith(" ...")
    assert [line[:11].strip() for line in shown] == ["skipped", *[""] * (len(shown) - 1)]
    assert not [line for line in shown if len(line) > 80]


@UNTIMED
@given(st.text(), st.integers(10, 50))
def test_what_is_too_long_is_cut_visibly(text, width):
    short = shortened(text, width)
    assert len(short) <= width
    assert short.endswith(" ...") or len(text.split()) == len(short.split())


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 ms"),
        (0.00042, "0.42 ms"),
        (0.012, "12 ms"),
        (0.9994, "999 ms"),
        (0.9996, "1.0 s"),
        (59.96, "1 min"),
        (3720.4, "62 min"),
    ],
)
def test_times_have_the_unit_that_fits(seconds, text):
    assert duration(seconds) == text


@pytest.mark.parametrize(("value", "text"), [(1234567, "1,234,567"), (0.5, "0.5"), (12.3456, "12.35"), (2.0, "2")])
def test_numbers_have_as_many_digits_as_a_person_wants(value, text):
    assert number(value) == text


def test_the_gist_of_a_finding_names_a_place_once():
    assert FINDING.gist == "read 3: 12 of 20 records"
    assert replace(FINDING, received="read 3 raised OSError").gist == "read 3 raised OSError"
    assert headline(failed(FINDING)) == FINDING.gist


RULE = Check(name="log_is_used", level="SHOULD", rule="It logs. " * 9, why="Because. " * 9)


@pytest.mark.parametrize("width", [60, 80, 100])
def test_an_explanation_is_as_wide_as_the_terminal_but_for_what_is_to_be_copied(width):
    again = "pytest --panoply-source=acme --panoply-params=somewhere/params.json acme::read_survives_a_fault"
    finding = replace(FINDING, received="12 of 20 records " * 9, fix="Add --panoply-fault=reset@17:until-raised. " * 9)
    text = explain(RULE, failed(finding, notes=("Worth knowing. " * 9,)), again, width)
    lines = text.splitlines()
    assert lines[-1] == f"    again     {again}"
    assert width - 15 < max(map(len, lines[:-1])) <= width
    assert text.count("--panoply-fault=reset@17:until-raised.") == 9


def test_what_repeats_just_one_finding_stands_beside_it():
    again = "pytest --panoply-source=acme acme::read_survives_a_fault"
    findings = (replace(FINDING, replay="--panoply-fault=reset@1:once"), replace(FINDING, place="read 4"))
    for command in (again, again.replace("acme ", "acme --panoply-fault=reset@1:once ")):
        text = explain(RULE, failed(*findings), command)
        (line,) = (line for line in text.splitlines() if "just this" in line)
        assert line.split() == [
            "just",
            "this",
            *command.split(),
            *(["--panoply-fault=reset@1:once"] if command == again else []),
        ]
        assert text.index("At read 3") < text.index(line) < text.index("At read 4")
        assert text.splitlines()[-1] == f"    again     {command}"


def test_a_place_that_takes_many_words_does_not_hide_what_was_there():
    gist = replace(FINDING, place="operation 17 (receive from 127.0.0.1:8000, GET /orders?page=2)").gist
    assert gist == "12 of 20 records (operation 17 (receive from 127.0.0.1:8000, GET /orders?page=2))"


@pytest.mark.parametrize(("asked", "width"), [(3, 60), (500, 100)])
def test_an_explanation_is_neither_too_narrow_to_read_nor_too_wide(asked, width):
    verdict = failed(replace(FINDING, received="12 of 20 records " * 9))
    assert explain(RULE, verdict, "pytest", asked) == explain(RULE, verdict, "pytest", width)


def test_what_there_is_to_do_is_said_once():
    do = "Move on once the page is there. Keep the position on self."
    findings = (
        replace(FINDING, fix=f"{do} To repeat it: reset@1."),
        replace(FINDING, fix=f"{do} To repeat it: reset@2."),
        replace(FINDING, fix=f"{do} To repeat it: reset@2."),
        replace(FINDING, fix="Move on. Or not."),
    )
    text = explain(RULE, failed(*findings), "pytest")
    done = [line.removeprefix("    to do     ") for line in text.splitlines() if "to do" in line]
    assert done == [findings[0].fix, "The same. To repeat it: reset@2.", "The same.", "Move on. Or not."]


# ---------------------------------------------------------------------- JSON


SCHEMA = written.report_schema()


def test_the_schema_is_one_and_says_what_it_is():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"] == jsonschema.Draft202012Validator.META_SCHEMA["$id"]
    assert SCHEMA["$id"] == SCHEMA_ID
    assert SCHEMA_ID.endswith(f"/v{VERSION}.json")
    assert SCHEMA["properties"]["version"]["const"] == VERSION
    assert SCHEMA["title"]
    assert SCHEMA["description"]


@pytest.mark.parametrize(
    ("cls", "name"),
    [
        (SourceReport, "source"),
        (CheckResult, "check"),
        (Finding, "finding"),
        (RunFacts, "run"),
        (ReadFacts, "read"),
        (SensorResult, "sensor"),
        (Table, "table"),
        (Column, "column"),
        (Host, "host"),
        (File, "file"),
        (Program, "program"),
    ],
)
def test_the_schema_knows_each_field_and_describes_it(cls, name):
    part = SCHEMA["$defs"][name]
    assert set(part["properties"]) == set(part["required"]) == {each.name for each in fields(cls)}
    assert all(each["description"] for each in (part, *part["properties"].values()))


def test_the_schema_knows_each_field_of_the_whole():
    assert (
        set(SCHEMA["properties"])
        == set(SCHEMA["required"])
        == {"version", *(each.name for each in fields(SessionReport))}
    )
    assert SCHEMA["$defs"]["check"]["properties"]["outcome"]["enum"] == list(OUTCOMES)


def test_a_report_is_what_the_schema_says_and_comes_back_as_it_was():
    data = json.loads(written.render(REPORT))
    jsonschema.validate(data, SCHEMA, cls=jsonschema.Draft202012Validator)
    assert SessionReport.from_json(data) == REPORT


def test_what_a_later_kit_adds_is_passed_over():
    data = json.loads(written.render(REPORT))
    data["more"] = data["sources"][0]["more"] = data["sources"][0]["checks"][0]["more"] = 1
    jsonschema.validate(data, SCHEMA, cls=jsonschema.Draft202012Validator)
    assert SessionReport.from_json(data) == REPORT


def test_a_report_of_another_version_is_refused():
    with pytest.raises(ValueError, match=r"has version 2, and this kit reads version 1.*wrote it: 5\.0"):
        SessionReport.from_json({"version": 2, "kit_version": "5.0"})


# ---------------------------------------------------------------------- HTML


class Page(HTMLParser):
    """The elements of a page, and the text of those that people read."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag != "meta":
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "style" not in self.open:
            self.texts.append(data)

    @property
    def text(self) -> str:
        return "\n".join(self.texts)


PAGE = html.render(REPORT)


def test_the_page_tells_all_that_there_is_to_tell():
    text = Page(PAGE).text
    for told in (
        *(each.name for each in SOURCE.checks),
        *(
            value
            for each in (FINDING.place, FINDING.expected, FINDING.received, FINDING.fix, FINDING.source)
            for value in (each,)
        ),
        "acme/api.py:12 in page",
        "pytest acme::read_survives_a_fault",
        "Worth knowing.",
        "12 reads",
        "small pages",
        "The source reports no state.",
        "seed 7",
        "2 min that the source wanted to wait were not waited for",
        "reset@3:once",
        "a pity",
        "OSError: no server",
        "2024-05-31 10:00:00 UTC",
    ):
        assert told in text


def test_what_failed_stands_before_what_passed():
    places = [
        PAGE.index(f">{check.name}<")
        for outcome in ("failed", "error", "warned", "known issue", "passed")
        for check in SOURCE.of(outcome)
    ]
    assert places == sorted(places)


def test_the_page_needs_nothing_from_elsewhere_and_runs_nothing():
    page = Page(PAGE)
    names = {name for name, _ in page.elements}
    assert not names & {"script", "link", "iframe", "img", "object", "embed", "form", "base", "a"}
    assert not {key for _, attributes in page.elements for key in attributes} & {"src", "href", "srcset", "style"}
    assert not [key for _, attributes in page.elements for key in attributes if key.startswith("on")]
    assert not re.search(r"url\(|@import|https?:", PAGE)


def test_the_page_is_made_for_phones_the_dark_and_paper():
    head, _, _ = PAGE.partition("<body>")
    assert '<meta name="viewport" content="width=device-width, initial-scale=1">' in head
    for wanted in ("prefers-color-scheme: dark", "@media print", "@media (max-width:", "color-scheme: light dark"):
        assert wanted in head
    assert PAGE.startswith('<!doctype html>\n<html lang="en">')


def test_each_chart_has_a_title_and_numbers_in_it():
    page = Page(PAGE)
    charts = [attributes for name, attributes in page.elements if name == "svg"]
    ids = {attributes.get("id"): name for name, attributes in page.elements}
    assert len(charts) == 3
    assert all(each["role"] == "img" and ids[each["aria-labelledby"]] == "title" for each in charts)
    for said in (
        "Batch sizes: 2 batches of 500 to 1,000 records, median 750",
        "Time per read: median 100 ms, longest 100 ms, 1 raised, 1 min of waiting left out",
        "Progress over time: 1,500 of 1,500 at the end",
        "read 1: 1,000 records",
        "read 2: 100 ms, raised OSError: gone",
    ):
        assert said in page.texts


def test_the_run_that_is_drawn_is_the_one_from_start_to_end_or_else_the_longest_one_without_faults():
    short, long = replace(RUN, about="short", read_count=2), replace(RUN, about="long")
    faulty = replace(RUN, about="faulty", faults=1, read_count=99)
    text = html.render(replace(REPORT, sources=(replace(SOURCE, runs=(short, faulty, long)),)))
    assert "The run: long." in text
    singly = replace(RUN, about="read with n = 1", read_count=99)
    assert "In a run from start to end." in html.render(replace(REPORT, sources=(replace(SOURCE, runs=(RUN, singly)),)))
    assert "The run: faulty." in html.render(replace(REPORT, sources=(replace(SOURCE, runs=(faulty,)),)))


@pytest.mark.parametrize(
    "reads",
    [
        (),
        (read(1),),
        (read(1, records=0, loaded=0, total=0),),
        (read(1, records=5, loaded=5), read(2, records=5, loaded=2)),
        (read(1, loaded=-3, total=-1), read(2, loaded=-9, total=-9)),
        (read(1, loaded=-50, total=100), read(2, loaded=100, total=100)),
        (read(1, records=1, loaded=-3, total=-1), read(2, loaded=2**53, total=2**53)),
        (ReadFacts(number=1, at=0, seconds=0, records=1, loaded=1, total=1),),
    ],
)
def test_odd_runs_have_charts_whose_numbers_are_numbers(reads):
    page = Page(html.render(replace(REPORT, sources=(replace(SOURCE, runs=(replace(RUN, reads=reads),)),))))
    for name, attributes in page.elements:
        if name == "rect":
            assert 0 <= float(attributes["height"]) <= 100
            assert 0 <= float(attributes["y"]) <= 100
        if name == "polyline":
            pairs = [point.split(",") for point in attributes["points"].split()]
            assert len(pairs) > 1
            assert all(0 <= float(x) <= 1000 and 0 <= float(y) <= 100 for x, y in pairs)


def test_a_session_without_a_source_has_a_page_too():
    assert "No check of the contract was run" in Page(html.render(replace(REPORT, sources=()))).text


def everywhere(text: str) -> SessionReport:
    """A report in which a source and its project say this wherever they can."""
    finding = Finding(place=text, expected=text, received=text, fix=text, source=text, detail=(text, text))
    checks = tuple(
        check(f"c{n}", outcome=outcome, reason=text, looked_at=text, notes=(text,), again=text, findings=(finding,))
        for n, outcome in enumerate(OUTCOMES)
    )
    run = replace(RUN, about=text, reads=(read(1, records=1, loaded=1, total=1, raised=text),))
    probe = (SensorResult(name=text, planted=1, heard=0, note=text),)
    return replace(
        REPORT, platform=text, sources=(replace(SOURCE, name=text, checks=checks, runs=(run,), probe=probe),)
    )


HARMLESS = everywhere("harmless")

HOSTILE = st.one_of(
    st.text(),
    st.lists(
        st.sampled_from([*"<>&\"'/=-! ", "script", "</style>", "]]>", "<!--", "onload", "\x00", "\x1b[31m", "&lt;"])
    ).map("".join),
)


@UNTIMED
@given(HOSTILE)
def test_whatever_a_source_says_stays_text(text):
    page = Page(html.render(everywhere(f"[{text}]")))
    assert [name for name, _ in page.elements] == [name for name, _ in Page(html.render(HARMLESS)).elements]
    assert all(char.isprintable() or char == "\n" for char in page.text)


def test_what_a_source_says_is_legible_all_the_same():
    text = "<script>alert('1')</script> &amp; \"quoted\""
    assert Page(html.render(everywhere(text))).text.count(text) > 20


@pytest.mark.skipif(shutil.which("chromium") is None, reason="there is no browser on PATH to try it with")
def test_a_browser_shows_the_page_without_a_complaint(tmp_path):
    (tmp_path / "report.html").write_text(html.render(everywhere("<script>document.title='run'</script>")))
    words = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--enable-logging=stderr",
        "--v=0",
        f"--user-data-dir={tmp_path}",
    ]
    done = subprocess.run(
        ["chromium", *words, "--dump-dom", (tmp_path / "report.html").as_uri()],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "<title>Contract report: &lt;script&gt;" in done.stdout
    assert "CONSOLE" not in done.stderr
