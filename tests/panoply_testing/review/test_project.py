"""What there is to review is found without running it; where there is nothing, the answer says what to do."""

from __future__ import annotations

import os

import pytest
from review_projects import INIT, PYPROJECT, commit, git

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


def test_a_source_that_nobody_has_named_may_be_in_a_namespace(project):
    folder = project({"pyproject.toml": UNDECLARED})
    (folder / "panoply").mkdir()
    (folder / "shop").rename(folder / "panoply/shop")
    found = find_project(folder)
    assert (found.modules, found.paths, found.packages) == (("panoply.shop",), ("panoply/shop",), ("panoply",))


def test_a_source_that_nobody_has_named_may_take_over_all_names(project):
    stars = {"shop/__init__.py": "from .config import *\nfrom .source import *\nfrom .source import *\n"}
    assert find_project(project({"pyproject.toml": UNDECLARED, **stars})).modules == ("shop",)


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


WITHOUT_PYTEST = PYPROJECT.partition("[tool.pytest")[0]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("pytest.toml", "[pytest]\npanoply_source = ['shop']\n"),
        ("pytest.ini", "[pytest]\npanoply_source =\n    shop\n"),
        ("tox.ini", "[pytest]\npanoply_source = shop\n"),
        ("setup.cfg", "[tool:pytest]\npanoply_source = shop\nlog_format = %(asctime)s\n"),
    ],
)
def test_pytest_may_be_set_up_elsewhere(project, name, text):
    found = find_project(project({"pyproject.toml": WITHOUT_PYTEST, name: text}))
    assert (found.modules, found.is_declared, found.settings) == (("shop",), True, name)


@pytest.mark.parametrize(
    ("pyproject", "name", "text", "is_declared"),
    [
        (PYPROJECT, "pytest.ini", "[pytest]\naddopts = -q\n", False),
        (PYPROJECT, ".pytest.ini", "", False),
        (PYPROJECT, "tox.ini", "[pytest]\npanoply_source = other\n", True),
        (UNDECLARED, "setup.cfg", "[tool:pytest]\npanoply_source = shop\n", False),
        (PYPROJECT, "setup.cfg", "[metadata]\nname = shop\n", True),
    ],
)
def test_the_settings_that_count_are_those_that_pytest_reads(project, pyproject, name, text, is_declared):
    found = find_project(project({"pyproject.toml": pyproject, name: text}))
    assert (found.modules, found.is_declared) == (("shop",), is_declared)


@pytest.mark.parametrize("text", ["def read(:\n", b"x = '\xff'\n", b"x = 1\0\n", "x = " + "-" * 50_000 + "1"])
def test_a_file_that_is_no_python_leaves_a_project_to_look_at(project, text):
    assert find_project(project({"shop/source.py": text})).modules == ("shop",)


NO_PROJECT = {
    "no pyproject": ({"pyproject.toml": None}, "no pyproject.toml"),
    "only setup.py": ({"pyproject.toml": None, "setup.py": ""}, "setup.py alone"),
    "no TOML": ({"pyproject.toml": "[project\n"}, "not TOML.*line 1"),
    "no text": ({"pyproject.toml": b"\xff\xfe"}, "not UTF-8"),
    "no table": ({"pyproject.toml": "[tool.x]\n"}, r"no table \[project\]"),
    "a name of a wrong type": ({"pyproject.toml": "[project]\nname = 3\n"}, r"\[project\] name has to be a text"),
    "a list of a wrong type": (
        {"pyproject.toml": PYPROJECT.replace("[project]", "[project]\ndynamic = 3")},
        r"\[project\] dynamic has to be a list of texts",
    ),
    "an extra of a wrong type": (
        {"pyproject.toml": f"{PYPROJECT}\n[project.optional-dependencies]\ntest = 'pytest'\n"},
        r"optional-dependencies\.test has to be a list",
    ),
    "a build of a wrong type": (
        {"pyproject.toml": PYPROJECT.replace('["hatchling"]', '"hatchling"')},
        r"\[build-system\] requires has to be a list",
    ),
    "no range of Pythons": (
        {"pyproject.toml": PYPROJECT.replace(">=3.11", "three")},
        "requires-python 'three' is no range",
    ),
    "another Python": ({"pyproject.toml": PYPROJECT.replace(">=3.11", ">=3.99")}, "needs Python >=3.99, and this is 3"),
    "no name": ({"pyproject.toml": "[project]\nversion = '1'\n"}, "has no name"),
    "no source": ({"pyproject.toml": UNDECLARED, "shop/__init__.py": ""}, "Stream and a CONFIG"),
    "another module": ({"pyproject.toml": PYPROJECT.replace('"shop"', '"shopp"')}, "no package or module shopp"),
    "a module from elsewhere": ({"pyproject.toml": PYPROJECT.replace('"shop"', '"json"')}, "no package or module json"),
    "no name of a module": ({"pyproject.toml": PYPROJECT.replace('"shop"', '"sh op"')}, "sh op"),
    "outside": ({"pyproject.toml": PYPROJECT.replace('"shop"', '"../out.py"')}, "out"),
    "no Python": (
        {"pyproject.toml": UNDECLARED, "shop/__init__.py": "def f(:\n"},
        r"shop/__init__.py:1: is not Python",
    ),
    "no encoding": ({"pyproject.toml": UNDECLARED, "shop/__init__.py": b"x = '\xff'\n"}, "__init__.py.*is not Python"),
    "a null byte": ({"pyproject.toml": UNDECLARED, "shop/__init__.py": b"x = 1\0\n"}, "__init__.py.*is not Python"),
    "broken ini file": ({"pytest.ini": "panoply_source = shop\n"}, "pytest.ini:1: is no ini file"),
    "settings twice": ({"pytest.ini": "[pytest]\naddopts = -q\naddopts = -v\n"}, "pytest.ini:3: is no ini file"),
    "only Poetry": ({"pyproject.toml": "[tool.poetry]\nname = 'x'\n"}, r"in \[tool.poetry\].* move them"),
    "too deep": (
        {"pyproject.toml": UNDECLARED, "shop/__init__.py": f"x = {'+'.join('1' * 20_000)}\n"},
        "shop/__init__.py: is nested too deeply",
    ),
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


def test_a_repository_of_several_projects_leads_to_them(project):
    with pytest.raises(CannotReview, match=r"There is one in shop-source: .*`panoply review .*/shop-source`"):
        find_project(project().parent)


def test_a_bare_repository_has_no_files(project):
    bare = commit(project()).parent / "bare"
    git(bare.parent, "clone", "--quiet", "--bare", "shop-source", "bare")
    with pytest.raises(CannotReview, match="review a clone of it"):
        find_project(bare)


def test_a_source_that_lies_elsewhere_is_refused(project):
    folder = project()
    (folder / "shop").rename(folder.parent / "shop-elsewhere")
    (folder / "shop").symlink_to(folder.parent / "shop-elsewhere")
    with pytest.raises(CannotReview, match="shop: is a link that leads out of the project"):
        find_project(folder)


def test_what_is_no_file_is_not_read(project):
    folder = project()
    os.mkfifo(folder / "shop/pipe.py")
    (folder / "shop/folder.py").mkdir()
    (folder / "shop/gone.py").symlink_to("nowhere.py")
    assert [file.name for file in module_files(find_project(folder))] == ["__init__.py", "config.py", "source.py"]


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
