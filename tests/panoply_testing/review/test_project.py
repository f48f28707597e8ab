"""What there is to review is found without running it; where there is nothing, the answer says what to do."""

from __future__ import annotations

import pytest
from review_projects import INIT, PYPROJECT

from panoply_testing.review._project import find_project, module_files, source_files
from panoply_testing.review._settings import ReviewSettings
from panoply_testing.review.model import CannotReview


def test_a_project_says_which_module_its_source_is(project):
    found = find_project(project())
    assert (found.name, found.version, found.modules, found.base) == ("shop-source", "1.2.0", ("shop",), ".")
    assert found.is_declared
    assert [file.name for file in module_files(found)] == ["__init__.py", "config.py", "source.py"]


def test_tests_in_the_package_are_not_the_source_s_own(project):
    more = {"shop/tests/__init__.py": "", "shop/tests/test_a.py": "", "shop/conftest.py": "", "shop/test_b.py": ""}
    found = find_project(project(more))
    assert [file.name for file in source_files(found)] == ["__init__.py", "config.py", "source.py"]
    assert len(list(module_files(found))) == 7


def test_pyproject_itself_can_be_named(project):
    assert find_project(project() / "pyproject.toml").name == "shop-source"


UNDECLARED = PYPROJECT.replace('panoply_source = "shop"\n', "")


def test_a_source_that_nobody_has_named_is_found_by_what_is_in_it(project):
    found = find_project(project({"pyproject.toml": UNDECLARED, "other/__init__.py": "Stream = 1\n"}))
    assert (found.modules, found.is_declared) == (("shop",), False)


@pytest.mark.parametrize("declared", [PYPROJECT, UNDECLARED])
def test_a_package_may_be_in_src(project, declared):
    folder = project({"pyproject.toml": declared.replace('"."', '"src"')})
    (folder / "src").mkdir()
    (folder / "shop").rename(folder / "src/shop")
    found = find_project(folder)
    assert (found.modules, found.base, found.tops) == (("shop",), "src", ("src/shop",))


def test_a_source_may_be_one_file(project):
    found = find_project(
        project({"shop/__init__.py": None, "shop/config.py": None, "shop/source.py": None, "shop.py": INIT})
    )
    assert found.tops == ("shop.py",)


@pytest.mark.parametrize(
    ("name", "text"),
    [("pytest.ini", "[pytest]\n"), ("tox.ini", "[pytest]\n"), ("setup.cfg", "[tool:pytest]\n")],
)
def test_pytest_may_be_set_up_elsewhere(project, name, text):
    found = find_project(project({"pyproject.toml": UNDECLARED, name: f"{text}panoply_source =\n    shop\n"}))
    assert (found.modules, found.is_declared) == (("shop",), True)


NO_PROJECT = {
    "no pyproject": ({"pyproject.toml": None}, "no pyproject.toml"),
    "only setup.py": ({"pyproject.toml": None, "setup.py": ""}, "setup.py alone"),
    "no TOML": ({"pyproject.toml": "[project\n"}, "not TOML.*line 1"),
    "no text": ({"pyproject.toml": b"\xff\xfe"}, "not UTF-8"),
    "no table": ({"pyproject.toml": "[tool.x]\n"}, r"no table \[project\]"),
    "no name": ({"pyproject.toml": "[project]\nversion = '1'\n"}, "has no name"),
    "no source": ({"pyproject.toml": UNDECLARED, "shop/__init__.py": ""}, "Stream and a CONFIG"),
    "another module": ({"pyproject.toml": PYPROJECT.replace('"shop"', '"shopp"')}, "no package or module shopp"),
    "a module from elsewhere": ({"pyproject.toml": PYPROJECT.replace('"shop"', '"json"')}, "no package or module json"),
    "no name of a module": ({"pyproject.toml": PYPROJECT.replace('"shop"', '"sh op"')}, "sh op"),
    "outside": ({"pyproject.toml": PYPROJECT.replace('"shop"', '"../out.py"')}, "out"),
    "no Python": ({"shop/source.py": "def read(:\n"}, r"shop/source.py:1: is not Python"),
    "no encoding": ({"shop/source.py": b"x = '\xff'\n"}, "shop/source.py.*is not Python"),
    "a null byte": ({"shop/source.py": b"x = 1\0\n"}, "shop/source.py.*is not Python"),
    "broken ini file": ({"pytest.ini": "panoply_source = shop\n"}, "no ini file"),
}


@pytest.mark.parametrize("case", NO_PROJECT)
def test_what_is_no_project_is_refused_with_a_reason(project, case):
    changes, message = NO_PROJECT[case]
    with pytest.raises(CannotReview, match=message):
        find_project(project(changes))


def test_what_is_not_there_is_refused(tmp_path, project):
    with pytest.raises(CannotReview, match="no such folder"):
        find_project(tmp_path / "nowhere")
    with pytest.raises(CannotReview, match="is a file"):
        find_project(project() / "README.md")


def test_a_folder_of_a_project_leads_to_the_project(project):
    with pytest.raises(CannotReview, match=r"There is one in .*shop-source"):
        find_project(project() / "shop")


# ---------------------------------------------------------------------- settings

RULES = ("tag_is_annotated", "tests_pass")


def test_settings_have_reasons_and_thresholds():
    read = ReviewSettings.read({"ignore": {"tests_pass": " not  yet "}, "least_coverage": 80}, RULES)
    assert read == ReviewSettings(ignore={"tests_pass": "not yet"}, least_coverage=80)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ([], "has to be a table"),
        ({"ignored": {}}, "ignored: there is no such setting.*Did you mean 'ignore'"),
        ({"ignore": ["tests_pass"]}, "a reason for each rule"),
        ({"ignore": {"test_pass": "no time"}}, "no such rule. Did you mean 'tests_pass'"),
        ({"ignore": {"tests_pass": ""}}, "tests_pass: say why"),
        ({"ignore": {"tests_pass": "TODO"}}, "tests_pass: say why"),
        ({"ignore": {"tests_pass": True}}, "tests_pass: say why"),
        ({"least_coverage": "80"}, "least_coverage: takes a number"),
        ({"time_limit": -1}, "time_limit: takes a number"),
        ({"time_limit": float("inf")}, "time_limit: takes a number"),
        ({"most_dependencies": True}, "most_dependencies: takes a number"),
    ],
)
def test_settings_of_no_use_are_refused(table, message):
    with pytest.raises(CannotReview, match=message):
        ReviewSettings.read(table, RULES)
