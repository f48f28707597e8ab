"""A source's module is imported in a process of its own; whatever it does there, there is an answer."""

from __future__ import annotations

import pytest
from review_projects import PYPROJECT, site_of

from panoply_testing.review import _module_facts
from panoply_testing.review import module as family


def test_what_a_module_says_of_itself_is_told(project, tmp_path):
    (facts,) = _module_facts.module_of(site_of(project(), tmp_path / "scratch"))
    assert (facts.title, facts.keywords, facts.stream) == ("Shop", ("shop",), ("shop.source", "Stream"))
    assert [param.name for param in facts.params] == ["token", "region"]
    assert facts.view["params"][0]["type"] == "password"
    assert facts.config == ()


def look(folder, tmp_path):
    return family.look(site_of(folder, tmp_path / "scratch", "module_imports", "source_is_declared"))


def test_a_right_module_has_no_finding(project, tmp_path):
    outcome = look(project(), tmp_path)
    assert outcome.findings == ()
    assert set(outcome.judged) == {"module_imports", "source_is_declared"}


@pytest.mark.parametrize(
    ("code", "said", "line"),
    [
        ("import sys\nsys.exit('no')\n", "calls sys.exit", 2),
        ("import os\nos._exit(4)\n", "ended the whole process, with exit code 4", 0),
        ("import os\nos.abort()\n", "ended the whole process, with signal 6", 0),
        ("\n\nimport no_such_module\n", "raises ModuleNotFoundError: No module named 'no_such_module'", 3),
        ("x = {}['y']\n", "raises KeyError: 'y'", 1),
        ("class Odd(BaseException): pass\nraise Odd\n", "raises Odd.", 2),
    ],
)
def test_a_module_that_cannot_be_imported_says_why_and_where(project, tmp_path, code, said, line):
    (finding,) = look(project({"shop/source.py": code}), tmp_path).findings
    assert finding.rule == "module_imports"
    assert said in finding.found
    assert (finding.path, finding.line) == ("shop/source.py" if line else "", line)


@pytest.mark.parametrize("code", ["def read(:\n", "if True:\nx = 1\n", b"x = '\xff'\n"])
def test_a_file_that_is_no_python_is_told_by_the_rule_for_that(project, tmp_path, code):
    folder = project({"shop/source.py": code})
    assert [each.rule for each in look(folder, tmp_path).findings] == ["module_imports"]
    names = ("module_imports", "files_are_valid_python")
    outcome = family.look(site_of(folder, tmp_path / "scratch", *names))
    assert outcome.findings == ()
    assert "is no Python that parses" in outcome.unchecked[0].reason


def test_an_import_that_does_not_end_is_ended(project, tmp_path, monkeypatch):
    monkeypatch.setattr(_module_facts, "LIMIT", 1.5)
    (finding,) = look(project({"shop/source.py": "import time\ntime.sleep(60)\n"}), tmp_path).findings
    assert "did not end within 1.5 seconds" in finding.found


def test_a_source_that_only_we_have_found_is_to_be_declared(project, tmp_path):
    undeclared = PYPROJECT.replace('panoply_source = "shop"\n', "")
    (finding,) = look(project({"pyproject.toml": undeclared}), tmp_path).findings
    assert finding.rule == "source_is_declared"
    assert 'panoply_source = "shop"' in finding.fix


def test_a_declaration_that_pytest_does_not_read_is_none(project, tmp_path):
    folder = project({"pytest.ini": "[pytest]\naddopts = -q\n"})
    (finding,) = family.look(site_of(folder, tmp_path / "scratch")).findings
    assert (finding.rule, finding.path) == ("source_is_declared", "pytest.ini")
    assert "takes from pytest.ini and from no other file" in finding.found
    assert finding.fix == "Add to pytest.ini: [pytest] panoply_source = shop."
