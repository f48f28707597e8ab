"""What ruff and mypy say of a project: asked as they are, about a copy, by rules of ours."""

from __future__ import annotations

import subprocess

import pytest

from panoply_testing.review import _ask_conventions
from panoply_testing.review._ask_conventions import ask_conventions
from panoply_testing.review._code_conventions import IGNORED, RULE_SET, Complaint, Conventions
from panoply_testing.review.code import RULES, judge_code, parse_code

RIGHT = '''"""Reads."""

import json


def read(text: str) -> int:
    return len(json.loads(text))
'''


@pytest.fixture
def project(tmp_path):
    def write(**files):
        for name, text in {"acme/__init__.py": RIGHT, **files}.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return tmp_path

    return write


def said(conventions):
    outcome = judge_code(parse_code({"acme.py": ""}, params=(), conventions=conventions))
    ours = ("code_keeps_conventions", "types_hold")
    findings = {
        (each.rule, each.path, each.line, each.found.partition(":")[0])
        for each in outcome.findings
        if each.rule in ours
    }
    return findings, {each.rule: each.reason for each in outcome.unchecked if each.rule in ours}


WRONG = """
import os
import json

def read(items=[], id=1):
    return undefined(json)
"""


def test_what_ruff_finds_is_told_by_its_code_and_its_place(project):
    # Settings of the project's own change nothing: the rules are the same for all.
    folder = project(
        **{
            "acme/other.py": WRONG,
            "pyproject.toml": '[tool.ruff]\nextend-exclude = ["acme"]\n[tool.ruff.lint]\nselect = []\n',
        }
    )
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    findings, unchecked = said(ask_conventions(folder, ("acme",)))
    assert findings == {
        ("code_keeps_conventions", "acme/other.py", 2, "I001"),
        ("code_keeps_conventions", "acme/other.py", 2, "F401"),
        ("code_keeps_conventions", "acme/other.py", 5, "B006"),
        ("code_keeps_conventions", "acme/other.py", 5, "A002"),
        ("code_keeps_conventions", "acme/other.py", 6, "F821"),
    } - {("code_keeps_conventions", "acme/other.py", 5, "A002")}
    assert list(unchecked) == ["types_hold"]
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == before


def test_what_is_right_and_what_is_a_matter_of_taste_is_not_told(project):
    taste = 'x = {"a":1}\n' + "y = '" + "long " * 40 + "'\n\n\n\ndef f( a ):\n  return a\n"
    findings, _ = said(ask_conventions(project(**{"acme/taste.py": taste}), ("acme",)))
    assert findings == set()


def test_the_author_may_say_that_a_line_is_meant(project):
    findings, _ = said(ask_conventions(project(**{"acme/meant.py": "import os  # noqa: F401\n"}), ("acme",)))
    assert findings == set()


def test_a_file_that_does_not_parse_is_another_rules_business(project):
    findings, unchecked = said(ask_conventions(project(**{"acme/broken.py": "def f(:\n"}), ("acme",)))
    assert findings == set()
    assert "code_keeps_conventions" not in unchecked


def test_types_are_looked_at_where_a_project_declares_them(project):
    wrong = "def read() -> int:\n    return 'x'\n"
    folder = project(**{"acme/types.py": wrong})
    assert "declares no types" in said(ask_conventions(folder, ("acme",)))[1]["types_hold"]
    (folder / "acme" / "py.typed").touch()
    findings, unchecked = said(ask_conventions(folder, ("acme",)))
    assert findings == {("types_hold", "acme/types.py", 2, "return-value")}
    assert unchecked == {}


def test_the_projects_own_settings_of_mypy_count(project):
    folder = project(
        **{"acme/loose.py": "def read(n):\n    return n\n", "pyproject.toml": "[tool.mypy]\nstrict = true\n"}
    )
    findings, _ = said(ask_conventions(folder, ("acme",)))
    assert findings == {("types_hold", "acme/loose.py", 1, "no-untyped-def")}


def test_types_that_are_not_there_are_not_judged(project):
    text = "import no_such_library\n\n\ndef read() -> int:\n    return 'x'\n"
    _, unchecked = said(ask_conventions(project(**{"acme/types.py": text, "acme/py.typed": ""}), ("acme",)))
    assert "no_such_library" in unchecked["types_hold"]


def test_settings_that_mypy_does_not_understand_are_told(project):
    folder = project(**{"pyproject.toml": "[tool.mypy]\npackages = ['nowhere_at_all']\n"})
    assert "mypy could not be asked" in said(ask_conventions(folder, ("acme",)))[1]["types_hold"]


def test_a_tool_that_is_missing_is_said_to_be(project, monkeypatch):
    monkeypatch.setattr(_ask_conventions, "find_spec", lambda _: None)
    monkeypatch.setattr("shutil.which", lambda _: None)
    findings, unchecked = said(ask_conventions(project(**{"acme/py.typed": ""}), ("acme",)))
    assert findings == set()
    assert unchecked == {
        "code_keeps_conventions": "ruff is not installed: pip install ruff",
        "types_hold": "mypy is not installed: pip install mypy",
    }


def test_a_tool_that_takes_too_long_is_given_up(project, monkeypatch):
    def too_long(command, **_):
        raise subprocess.TimeoutExpired(command, 5)

    monkeypatch.setattr("subprocess.run", too_long)
    _, unchecked = said(ask_conventions(project(**{"acme/py.typed": ""}), ("acme",), seconds=5))
    assert unchecked["code_keeps_conventions"] == "ruff took more than 5 seconds"
    assert unchecked["types_hold"] == "mypy took more than 5 seconds"


def test_the_tools_get_no_secrets(project, monkeypatch):
    seen = []

    def looked_at(command, **known):
        seen.append(known["env"])
        return subprocess.CompletedProcess(command, 0, "[]", "")

    monkeypatch.setenv("ACME_TOKEN", "tk_live_1")
    monkeypatch.setattr("subprocess.run", looked_at)
    ask_conventions(project(**{"acme/py.typed": ""}), ("acme",))
    assert len(seen) == 2
    assert not any("ACME_TOKEN" in environment for environment in seen)


def test_the_rule_names_its_rule_set():
    [rule] = [rule for rule in RULES if rule.name == "code_keeps_conventions"]
    assert all(code in rule.claim and code in rule.fix for code in (*RULE_SET, *IGNORED))


def test_so_many_complaints_of_a_kind_are_shown_and_the_rest_is_counted():
    complaints = tuple(
        Complaint(path="acme.py", line=line, column=1, code="F401", message="unused") for line in range(1, 51)
    )
    outcome = judge_code(parse_code({"acme.py": ""}, params=(), conventions=Conventions(ruff=complaints)))
    shown = [each for each in outcome.findings if each.rule == "code_keeps_conventions"]
    assert len(shown) == 21
    assert shown[-1].found == "30 more are not shown." or shown[0].found == "30 more are not shown."
