"""The contract as a class of the project's own."""

from __future__ import annotations

import pytest

from panoply_testing.contract import CONTRACT

HEAD = """
import sys
import types

import panoply
import panoply_testing
import pytest


def source(*rows):
    class Stream(panoply.DataSource):
        def __init__(self, source, options):
            super().__init__(source, options)
            assert source == {"rows": len(rows)}
            self.rows = list(rows)

        def read(self, n=None):
            return [self.rows.pop()] if self.rows else None

    module = types.ModuleType("made_here")
    module.Stream, module.CONFIG = Stream, {"title": "Made here", "params": []}
    return module
"""

CLASS = """

class Test{name}(panoply_testing.SourceContract):
    @pytest.fixture
    def panoply_source(self):
        return source({rows})

    @pytest.fixture
    def panoply_params(self):
        return {{"rows": {count}}}

    def test_mine(self, panoply_collect):
        assert len(panoply_collect().records) == {count}
"""

RIGHT = CLASS.format(name="Right", rows='{"id": 1}, {"id": 2}', count=2)
WRONG = CLASS.format(name="Wrong", rows='"text"', count=1).replace("len(panoply_collect().records)", "1")

CHECKS = "ends_with_none or list_of or mine"


@pytest.fixture
def classes(project):
    project.write("tests/test_own.py", HEAD + RIGHT + WRONG)
    return project


def test_each_check_is_a_test_of_the_class_beside_its_own(classes):
    collected = classes.collected("tests/test_own.py")
    for name in ("Right", "Wrong"):
        prefix = f"tests/test_own.py::Test{name}::"
        own = [line.removeprefix(prefix) for line in collected if line.startswith(prefix)]
        assert sorted(own) == sorted([*(check.name for check in CONTRACT), "test_mine"])
    assert len(collected) == 2 * (len(CONTRACT) + 1)


@pytest.mark.parametrize("args", [[], ["-n2"]], ids=["one process", "several"])
def test_each_class_tests_its_own_source(classes, args):
    outcomes = classes.outcomes("-k", CHECKS, *args, apart=bool(args))
    assert {name.removeprefix("tests/test_own.py::"): outcome for name, outcome in outcomes.items()} == {
        "TestRight::read_returns_list_of_dicts": "PASSED",
        "TestRight::read_ends_with_none": "PASSED",
        "TestRight::test_mine": "PASSED",
        "TestWrong::read_returns_list_of_dicts": "FAILED",
        "TestWrong::read_ends_with_none": "PASSED",
        "TestWrong::test_mine": "PASSED",
    }


def test_a_single_check_of_a_class_can_be_asked_for_as_its_message_says(classes, monkeypatch):
    name = "tests/test_own.py::TestWrong::read_returns_list_of_dicts"
    result = classes.run(name)
    result.assert_outcomes(failed=1)
    assert f"    again     pytest {name}" in result.outlines
    monkeypatch.chdir(classes.path / "tests")
    assert f"    again     pytest {name.removeprefix('tests/')}" in classes.run(name.removeprefix("tests/")).outlines


def test_strict_and_known_issues_hold_for_classes_too(classes):
    classes.ini("panoply_known_issues = read_returns_list_of_dicts: text")
    outcomes = classes.outcomes("-k", "list_of")
    assert list(outcomes.values()) == ["FAILED", "XFAIL"]


def test_notes_of_classes_are_shown_at_the_end(classes):
    for args in ([], ["-n2"]):
        result = classes.run("-k", "config_is_valid", *args, apart=bool(args))
        result.stdout.fnmatch_lines(["*= panoply: worth a look =*", "tests/test_own.py::TestRight::config_is_valid"])


def test_skipped_checks_of_classes_say_their_names(classes):
    result = classes.run("-rs", "-k", "logs_hide")
    result.stdout.fnmatch_lines(["SKIPPED [[]1[]] tests/test_own.py::TestRight::logs_hide_credentials: *"])


@pytest.mark.parametrize("scope", ["function", "class", "module", "session"])
def test_the_fixtures_of_a_class_may_have_any_scope(project, scope):
    project.write("tests/test_own.py", HEAD + RIGHT.replace("@pytest.fixture", f"@pytest.fixture(scope={scope!r})"))
    assert set(project.outcomes("-k", CHECKS).values()) == {"PASSED"}


def test_a_class_tests_the_source_that_is_named_where_it_names_none(project):
    project.write(
        "tests/test_own.py", "from panoply_testing import SourceContract\nclass TestMine(SourceContract): pass\n"
    )
    args = ["--panoply-source=mymod", "-k", "ends_with_none"]
    assert project.outcomes(*args) == {
        "tests/test_own.py::TestMine::read_ends_with_none": "PASSED",
        "mymod::read_ends_with_none": "PASSED",
    }


@pytest.mark.parametrize(
    "line",
    [
        "from panoply_testing import SourceContract",
        "from panoply_testing import SourceContract as TestBase",
        "import panoply_testing\nTestContract = panoply_testing.SourceContract",
    ],
)
@pytest.mark.parametrize("ini", [[], ["python_classes = *"]], ids=["default", "python_classes"])
def test_the_class_itself_is_not_collected(project, line, ini):
    project.ini(*ini)
    project.write("tests/test_own.py", f"{line}\ndef test_own(): pass\n")
    assert project.collected() == ["tests/test_own.py::test_own"]


def test_a_class_may_replace_or_leave_out_a_check(project):
    more = "\n    def read_ends_with_none(self): assert 0, 'mine'\n    read_returns_list_of_dicts = None\n"
    project.write("tests/test_own.py", HEAD + RIGHT + more)
    outcomes = project.outcomes("-k", CHECKS)
    assert {name.rpartition("::")[2]: outcome for name, outcome in outcomes.items()} == {
        "read_ends_with_none": "FAILED",
        "test_mine": "PASSED",
    }


def test_marks_of_a_class_hold_for_its_checks(project):
    project.ini("markers = slow: takes long")
    project.write("tests/test_own.py", HEAD + RIGHT.replace("\n\nclass", "\n\n@pytest.mark.slow\nclass"))
    assert len(project.collected("-m", "slow")) == len(CONTRACT) + 1


def test_a_fixture_that_gives_no_dict_is_an_error_in_one_line(project):
    project.write("tests/test_own.py", HEAD + RIGHT.replace('return {"rows": 2}', "return []"))
    result = project.run("-k", "ends_with_none")
    result.assert_outcomes(errors=1)
    assert "The fixture panoply_params gives a list; it has to give a dict." in result.outlines


def test_the_name_can_be_imported_without_pytest_plugins_being_loaded():
    import panoply_testing

    assert panoply_testing.SourceContract.__module__ == "panoply_testing.source_contract"
    with pytest.raises(AttributeError, match="no attribute 'SourceContrat'"):
        panoply_testing.SourceContrat  # noqa: B018
