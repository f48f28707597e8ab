"""A review as a whole: which rules, which verdict, what is known or ignored; and that it leaves no trace."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import jsonschema
import pytest
from review_projects import PYPROJECT, commit, make

from panoply_testing.review import CannotReview, _review, review
from panoply_testing.review.command import command
from panoply_testing.review.families import FAMILIES, every_rule
from panoply_testing.review.formats import rendered
from panoply_testing.review.model import GROUPS, Finding, Ignored, Note, Outcome, Review, Rule, Step, Unchecked

if TYPE_CHECKING:
    from pathlib import Path

RULES = (
    Rule(name="one_must", group="tests", level="MUST", claim="One.", why="Because.", fix="Mend it."),
    Rule(name="two_must", group="tests", level="MUST", claim="Two.", why="Because.", fix="Mend it."),
    Rule(name="one_should", group="git", level="SHOULD", claim="Three.", why="Because.", fix="Mend it."),
)
NAMES = tuple(rule.name for rule in RULES)


def finding(rule="one_must", found="It is broken.", **more):
    return Finding(rule=rule, found=found, **more)


@pytest.fixture
def looked(monkeypatch):
    """Let a review consist of made-up rules, with this outcome."""

    def looked(**outcome):
        class Family:
            name = "made-up"
            rules = RULES

            def look(self, site):
                made = outcome.get("raises")
                if callable(made):
                    made(site)
                elif made:
                    raise made
                more = {key: value for key, value in outcome.items() if key != "raises"}
                return Outcome(**{"judged": NAMES, **more})

        monkeypatch.setattr(_review, "FAMILIES", (Family(),))
        monkeypatch.setattr(_review, "every_rule", lambda: RULES)

    return looked


def with_settings(text):
    return {"pyproject.toml": f"{PYPROJECT}\n[tool.panoply.review]\n{text}\n"}


def test_rules_have_public_names_and_say_all_there_is_to_say():
    rules = every_rule()
    assert len({rule.name for rule in rules}) == len(rules)
    for rule in rules:
        assert rule.name.replace("_", "").isalpha()
        assert rule.name.islower()
        assert rule.group in GROUPS
        for text in (rule.claim, rule.why, rule.fix):
            # A sentence may begin with the name of a function.
            assert text[0].isupper() or "()" in text.split()[0]
            assert text.endswith(".")
            assert "\n" not in text
            assert "|" not in text


def test_what_is_kept_is_ready(looked, project):
    looked()
    done = review(project())
    assert (done.verdict, done.exit_code, done.kept) == ("ready", 0, NAMES)


@pytest.mark.parametrize("rule", ["one_must", "one_should"])
def test_a_finding_of_either_level_makes_it_not_ready(looked, project, rule):
    looked(findings=(finding(rule),))
    assert review(project()).exit_code == 1


def test_what_must_hold_and_could_not_be_checked_counts_neither_way(looked, project):
    looked(judged=("two_must", "one_should"), unchecked=(Unchecked(rule="one_must", reason="no tool"),))
    done = review(project())
    assert (done.verdict, done.exit_code) == ("incomplete", 2)
    assert done.kept == ("two_must", "one_should")


def test_what_should_hold_and_could_not_be_checked_is_told(looked, project):
    looked(judged=("one_must", "two_must"), unchecked=(Unchecked(rule="one_should", reason="no tool"),))
    assert review(project()).exit_code == 0


def test_a_family_that_fails_is_not_taken_for_one_without_findings(looked, project):
    looked(raises=RuntimeError("our own mistake"))
    done = review(project())
    assert done.exit_code == 2
    assert {each.rule for each in done.unchecked} == set(NAMES)
    assert "our own mistake" in done.unchecked[0].reason


def test_a_rule_whose_findings_only_come_of_another_counts_neither_way(monkeypatch, looked, project):
    looked(findings=(finding("one_must"), finding("two_must")))
    note = Note(rule="two_must", text="It comes of that.")
    monkeypatch.setattr(_review, "without_consequences", lambda found: (tuple(found)[:1], (note,)))
    done = review(project())
    assert [each.rule for each in done.findings] == ["one_must"]
    assert note in done.notes
    assert done.kept == ("one_should",)


@pytest.mark.parametrize("words", [(), ("--thorough",)])
def test_what_takes_minutes_is_done_where_it_was_asked_for(looked, project, words):
    seen = []
    looked(raises=lambda site: seen.append(site.thorough))
    with pytest.raises(SystemExit):
        command([str(project()), *words])
    assert seen == [bool(words)]


def test_the_worst_comes_first(looked, project):
    looked(
        findings=(
            finding("one_should"),
            finding("two_must", path="b"),
            finding("two_must", path="a"),
            finding("one_must"),
        )
    )
    assert [(each.rule, each.path) for each in review(project()).findings] == [
        ("one_must", ""),
        ("two_must", "a"),
        ("two_must", "b"),
        ("one_should", ""),
    ]


def test_a_reason_takes_a_finding_away_and_is_shown(looked, project):
    looked(findings=(finding(), finding("one_should")))
    done = review(project(with_settings('ignore = { one_must = "the far end cannot" }')))
    assert [each.rule for each in done.findings] == ["one_should"]
    assert [each.reason for each in done.ignored] == ["the far end cannot"]
    assert "the far end cannot" in rendered(done, "text")


def test_what_is_ignored_need_not_be_checked(looked, project):
    looked(judged=("two_must",), unchecked=(Unchecked(rule="one_must", reason="no tool"),))
    assert review(project(with_settings('ignore = { one_must = "the far end cannot" }'))).exit_code == 0


@pytest.mark.parametrize(
    ("asked", "names"),
    [
        ({"only": ["one_must"]}, {"one_must"}),
        ({"only": ["tests"]}, {"one_must", "two_must"}),
        ({"ignore": ["tests"]}, {"one_should"}),
        ({"only": ["tests"], "ignore": ["two_must"]}, {"one_must"}),
    ],
)
def test_rules_can_be_chosen_by_name_and_by_group(looked, project, asked, names):
    looked(findings=tuple(map(finding, NAMES)))
    done = review(project(), **asked)
    assert {each.rule for each in done.findings} == names
    assert set(done.left_out) == set(NAMES) - names


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"only": ["one_mst"]}, "Did you mean 'one_must'"),
        ({"ignore": ["nothing_like_it"]}, "panoply review --list"),
        ({"ignore": ["tests", "git"]}, "No rule is left"),
    ],
)
def test_rules_that_there_are_not_are_refused(looked, project, asked, message):
    looked()
    with pytest.raises(CannotReview, match=message):
        review(project(), **asked)


def test_only_what_is_new_counts_beside_a_baseline(looked, project, tmp_path):
    looked(findings=(finding(key="a", line=1), finding(key="b", line=2)))
    baseline = tmp_path / "before.json"
    baseline.write_text(rendered(review(project()), "json"))
    # It has moved, and there is one more of it.
    looked(findings=(finding(key="a", line=30), finding(key="a", line=40)))
    done = review(project(), baseline=baseline)
    assert ([each.key for each in done.known], [each.key for each in done.findings]) == (["a"], ["a"])
    looked(findings=(finding(key="a", line=30), finding(key="b", line=2)))
    done = review(project(), baseline=baseline)
    assert (done.findings, done.exit_code) == ((), 0)
    # What was known then is known now.
    baseline.write_text(rendered(done, "json"))
    assert review(project(), baseline=baseline).exit_code == 0


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"findings": [1], "known": []}'])
def test_a_baseline_that_is_none_is_refused(looked, project, tmp_path, content):
    looked()
    (tmp_path / "before.json").write_text(content)
    with pytest.raises(CannotReview, match="is no report"):
        review(project(), baseline=tmp_path / "before.json")
    with pytest.raises(CannotReview, match="cannot be read"):
        review(project(), baseline=tmp_path / "none.json")


# ---------------------------------------------------------------------- all of it


def files(folder: Path) -> dict[str, tuple[int, bytes]]:
    return {
        str(path.relative_to(folder)): (path.stat().st_mtime_ns, path.read_bytes())
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_a_right_project_is_ready_and_nothing_in_it_changes(tmp_path):
    folder = commit(make(tmp_path / "shop-source"), tag="v1.2.0")
    before = files(folder)
    done = review(folder)
    assert done.findings == ()
    assert [each for each in done.unchecked if done.level(each) == "MUST"] == []
    assert done.exit_code == 0
    assert set(done.judged) | {each.rule for each in done.unchecked} == {
        rule.name for family in FAMILIES for rule in family.rules
    }
    assert files(folder) == before


@pytest.mark.parametrize(("user", "mode"), [(0, 0o711), (1000, 0o700)])
def test_servers_of_root_s_fixtures_find_their_way(monkeypatch, user, mode):
    monkeypatch.setattr(os, "geteuid", lambda: user)
    scratch = _review._scratch()
    assert scratch.stat().st_mode & 0o777 == mode
    scratch.rmdir()


def panoply_review(*words: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "panoply", "review", *words],
        cwd=cwd,
        env={**os.environ, "COLUMNS": "200", **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_command_writes_a_file_and_tells_the_verdict(project, tmp_path):
    folder = project()
    done = panoply_review("--only", "module_imports", "--format", "json", "-o", "out/review.json", cwd=folder)
    assert (done.returncode, done.stdout, done.stderr) == (
        0,
        "Ready: 1 rule kept, no finding; " + done.stdout.partition("; ")[2],
        "",
    )
    assert json.loads((folder / "out/review.json").read_text())["judged"] == ["module_imports"]


def test_the_command_tells_what_is_wrong_and_what_to_do(project):
    folder = project({"shop/source.py": "import no_such_module\n"})
    done = panoply_review(str(folder), "--only=module_imports,source_is_declared", cwd=folder.parent)
    assert done.returncode == 1
    assert "module_imports  shop/source.py:1" in done.stdout
    assert "to do: " in done.stdout
    assert done.stdout.splitlines()[-2].startswith("Not ready: 1 thing that must be mended")
    assert "\x1b" not in done.stdout


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["nowhere"], "no such folder"),
        (["--only", "tests_pas"], "Did you mean 'tests_pass'"),
        (["--explain", "tests_pas"], "Did you mean 'tests_pass'"),
        (["--baseline", "none.json"], "none.json: cannot be read"),
        (["--only", "source_is_declared", "-o", "README.md/x"], "cannot be written"),
    ],
)
def test_the_command_says_why_it_cannot_and_ends_with_2(project, words, message):
    done = panoply_review(*words, cwd=project())
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("Error: ")
    assert message in done.stderr


def test_the_command_lists_and_explains_rules(tmp_path):
    listed = panoply_review("--list", cwd=tmp_path)
    assert listed.returncode == 0
    text = " ".join(listed.stdout.split())
    assert all(f"{rule.name} {rule.claim}" in text for rule in every_rule())
    explained = panoply_review("--explain", "tests_pass", cwd=tmp_path)
    assert "What to do: " in explained.stdout


# ---------------------------------------------------------------------- forms


def told(**what):
    return rendered(Review(project="shop-source", rules=RULES, judged=NAMES, **what), "text")


def test_what_is_to_be_done_about_findings_alike_is_told_once():
    text = told(
        findings=(finding(found="A."), finding(found="B."), finding(found="C.", fix="Do this."), finding("two_must"))
    )
    assert [line.strip() for line in text.splitlines() if "to do" in line] == [
        "to do: Mend it.",
        "to do: Do this.",
        "to do: Mend it.",
    ]
    assert text.index("B.") < text.index("to do: Mend it.") < text.index("C.")


def test_what_keeps_a_rule_that_has_to_hold_from_being_judged_stands_by_itself():
    text = told(
        unchecked=(
            Unchecked(rule="one_must", reason="no tool: install it"),
            Unchecked(rule="one_should", reason="no tool: install it"),
            Unchecked(rule="one_should", reason="no time"),
        )
    )
    assert "not checked, and in the way\n  one_must, one_should: no tool: install it\n" in text
    assert "\nnot checked\n  one_should: no time\n" in text
    assert "nothing was found, but 1 rule that must hold could not be checked." in " ".join(text.split())


def test_lines_of_text_end_where_their_words_end():
    text = told(findings=(finding(found="word " * 60),), notes=(Note(rule="one_should", text="Short."),))
    assert all(line == line.rstrip() for line in text.splitlines())


ODD = 'It says "<b>%s</b>", | *and* more: \x1b[31m\ud800\n::error::x'

REVIEW = Review(
    project="shop-source",
    module="shop",
    version="1.2.0",
    kit_version="4.0",
    folder="sources/shop/",
    rules=RULES,
    judged=("one_must", "one_should"),
    findings=(
        finding(found="It is broken: 100%, really", path="shop/a b.py", line=3, column=7, fix="Do this, then that."),
        finding("one_should", found="As a whole."),
    ),
    known=(finding(found="Long known.", path="shop/c.py"),),
    unchecked=(Unchecked(rule="two_must", reason="no tool: install it"),),
    notes=(Note(rule="one_must", text="By the way."),),
    started="2026-01-01T00:00:00+00:00",
)


def test_github_gets_one_command_a_finding():
    assert rendered(REVIEW, "github").splitlines()[:3] == [
        (
            "::error file=sources/shop/shop/a b.py,line=3,col=7,title=panoply review%3A one_must::"
            "It is broken: 100%25, really%0ADo this, then that."
        ),
        "::warning title=panoply review%3A one_should::As a whole.%0AMend it.",
        "::notice title=panoply review%3A two_must was not checked::no tool: install it",
    ]


def test_junit_has_a_test_for_each_rule():
    from xml.etree import ElementTree as ET

    root = ET.fromstring(rendered(REVIEW, "junit"))
    cases = {case.get("name"): case for case in root.iter("testcase")}
    assert set(cases) == set(NAMES)
    assert "Do this, then that." in (cases["one_must"].find("failure").text or "")
    assert cases["two_must"].find("skipped").get("message") == "no tool: install it"
    assert [(suite.get("name"), suite.get("failures"), suite.get("skipped")) for suite in root.iter("testsuite")] == [
        ("tests", "1", "1"),
        ("git", "1", "0"),
    ]


def test_markdown_has_all_and_takes_nothing_for_marks():
    text = rendered(REVIEW, "markdown")
    assert "## Review of shop-source 1.2.0" in text
    assert "**MUST** `one_must` (shop/a b.py:3:7): It is broken" in text
    odd = rendered(Review(project="x", rules=RULES, findings=(finding(found="<img> [x](y) `z`"),)), "markdown")
    assert r"\<img\> \[x\](y) \`z\`" in odd


def test_sarif_says_the_same():
    (run,) = json.loads(rendered(REVIEW, "sarif"))["runs"]
    rules = run["tool"]["driver"]["rules"]
    first, second, known = run["results"]
    assert rules[first["ruleIndex"]]["id"] == first["ruleId"] == "one_must"
    assert first["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "sources/shop/shop/a%20b.py", "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": 3, "startColumn": 7},
    }
    assert (first["level"], second["level"]) == ("error", "warning")
    assert (first["baselineState"], known["baselineState"]) == ("new", "unchanged")
    assert run["invocations"][0]["executionSuccessful"]


# As SARIF 2.1.0 has it, for as much of it as is written here, and for nothing else.
def _object(required, **properties):
    return {"type": "object", "required": required, "properties": properties, "additionalProperties": False}


def _list(items, **more):
    return {"type": "array", "items": items, **more}


TEXT = {"type": "string", "minLength": 1}
MESSAGE = _object(["text"], text=TEXT, markdown=TEXT)
LEVEL = {"enum": ["none", "note", "warning", "error"]}
POSITION = {"type": "integer", "minimum": 1}
PLACE = _object(
    ["physicalLocation"],
    message=MESSAGE,
    physicalLocation=_object(
        ["artifactLocation", "region"],
        artifactLocation=_object(
            ["uri", "uriBaseId"],
            uri={"type": "string", "format": "uri-reference", "pattern": "^[^/ ][^ ]*$"},
            uriBaseId=TEXT,
        ),
        region=_object(["startLine"], startLine=POSITION, startColumn=POSITION),
    ),
)
RULE = _object(
    ["id", "shortDescription", "defaultConfiguration"],
    id=TEXT,
    name={"type": "string", "pattern": "^[A-Za-z]+$"},
    shortDescription=MESSAGE,
    fullDescription=MESSAGE,
    help=MESSAGE,
    defaultConfiguration=_object(["level"], level=LEVEL),
    properties=_object(["tags"], tags=_list(TEXT, uniqueItems=True), precision=TEXT, **{"problem.severity": LEVEL}),
)
RESULT = _object(
    ["ruleId", "ruleIndex", "level", "message", "locations", "partialFingerprints"],
    ruleId=TEXT,
    ruleIndex={"type": "integer", "minimum": 0},
    level=LEVEL,
    message=MESSAGE,
    locations=_list(PLACE, minItems=1),
    partialFingerprints={"type": "object", "additionalProperties": TEXT},
    baselineState={"enum": ["new", "unchanged"]},
    suppressions=_list(_object(["kind", "justification"], kind={"enum": ["external"]}, justification=TEXT)),
    codeFlows=_list(
        _object(
            ["threadFlows"],
            threadFlows=_list(
                _object(["locations"], locations=_list(_object(["location"], location=PLACE), minItems=1))
            ),
        )
    ),
)
INVOCATION = _object(
    ["executionSuccessful"],
    executionSuccessful={"type": "boolean"},
    exitCode={"type": "integer"},
    toolExecutionNotifications=_list(
        _object(
            ["message"],
            level=LEVEL,
            message=MESSAGE,
            associatedRule=_object(["id", "index"], id=TEXT, index={"type": "integer", "minimum": 0}),
        )
    ),
)
RUN = _object(
    ["tool", "results"],
    tool=_object(["driver"], driver=_object(["name", "version", "rules"], name=TEXT, version=TEXT, rules=_list(RULE))),
    columnKind={"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
    invocations=_list(INVOCATION),
    results=_list(RESULT),
)
SARIF = _object(
    ["version", "runs"],
    version={"const": "2.1.0"},
    runs=_list(RUN, minItems=1),
    **{"$schema": {"type": "string", "format": "uri"}},
)

FLOW = (
    Step(path="shop/api.py", line=3, what="param token is put into a URL"),
    Step(path="shop/source.py", line=9, what="which is logged"),
)


@pytest.mark.parametrize(
    "done",
    [
        REVIEW,
        Review(project="x", rules=RULES),
        replace(
            REVIEW,
            findings=(finding(flow=FLOW, path="a b/\u00fc%.py"),),
            ignored=(Ignored(finding=finding(), reason="so it is"),),
        ),
    ],
)
def test_sarif_is_sarif(done):
    jsonschema.validate(json.loads(rendered(done, "sarif")), SARIF)


@pytest.mark.parametrize("form", ["text", "json", "github", "junit", "sarif", "markdown"])
def test_whatever_is_found_can_be_written(form):
    odd = Review(project=ODD, rules=RULES, findings=(finding(found=ODD, path="a\udc80.py", fix=ODD),))
    text = rendered(odd, form)
    assert text.endswith("\n")
    assert form == "json" or "\x1b" not in text.replace("\\u001b", "")
    text.encode()
