"""The environments that a project's code is run in: what is there, and what is not."""

from __future__ import annotations

import json
import subprocess
from importlib.metadata import distributions

import pytest
from packaging.requirements import Requirement
from review_projects import PYPROJECT, SOURCE, site_of

from panoply_testing.review import dependencies, module, tests
from panoply_testing.review._environments import bare_of, full_with, undeclared_by_tests
from panoply_testing.review._installed import Library, closure, installed_paths
from panoply_testing.review._linked import linked
from panoply_testing.review._module_facts import tried_of
from panoply_testing.review._pytest_facts import full_of


def library(name, *needs):
    return Library(name=name, needs=tuple(map(Requirement, needs)))


LIBRARIES = {
    each.name: each
    for each in (
        library("one", "two", "three; extra == 'more'", "nine; python_version < '3'"),
        library("two", "one"),
        library("three", "four[most]"),
        library("four", "five; extra == 'most'", "absent"),
        library("five"),
        library("nine"),
    )
}


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        (["one"], {"one": "one", "two": "one"}),
        (["One[more]"], {"one": "one", "two": "one", "three": "one", "four": "one", "five": "one"}),
        (["two", "one[more]"], {"one": "one", "two": "two", "three": "one", "four": "one", "five": "one"}),
        (["four"], {"four": "four"}),
        (["absent", "five; python_version < '3'"], {}),
    ],
)
def test_what_is_wanted_brings_along_what_it_needs(wanted, found):
    assert closure(map(Requirement, wanted), LIBRARIES) == found


# ---------------------------------------------------------------------- links


def installed(folder, name, files):
    """A distribution, as if pip had installed it into a folder."""
    about = f"{name}-1.0.dist-info"
    texts = {**files, f"{about}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n"}
    for path, text in texts.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    record = "".join(f"{path},,\n" for path in (*texts, f"{about}/RECORD", f"../../../bin/{name}"))
    (folder / about / "RECORD").write_text(record)


def ask(environment, code):
    done = subprocess.run([environment.python, "-P", "-c", code], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


IMPORTABLE = """
import json
from importlib import import_module
found = []
for name in ["one", "two", "space.left", "space.right", "single", "orjson"]:
    try:
        import_module(name)
    except ImportError:
        continue
    found.append(name)
print(json.dumps(found))
"""


@pytest.mark.parametrize(
    ("names", "found"),
    [
        ({"one"}, ["one"]),
        ({"one", "left"}, ["one", "space.left"]),
        ({"left", "right"}, ["space.left", "space.right"]),
        ({"two", "single"}, ["two", "single"]),
        (set(), []),
    ],
)
def test_only_what_is_named_can_be_imported(tmp_path, names, found):
    packages = tmp_path / "packages"
    installed(packages, "one", {"one/__init__.py": "from one import inner", "one/inner.py": "", "one/data.txt": "1"})
    installed(packages, "two", {"two/__init__.py": ""})
    installed(packages, "left", {"space/left/__init__.py": "", "space/left/data.txt": ""})
    installed(packages, "right", {"space/right/__init__.py": ""})
    installed(packages, "single", {"single.py": ""})
    here = {each.metadata["Name"]: each for each in distributions(path=[str(packages)])}
    environment = linked(tmp_path / "environment", here, names, {"own-1.0.dist-info/METADATA": "Name: own\nVersion: 3"})
    assert ask(environment, IMPORTABLE) == found
    assert (
        ask(environment, "import json; from importlib.metadata import version; print(json.dumps(version('own')))")
        == "3"
    )
    assert all(environment.has(name) for name in names)
    assert not environment.has("orjson")
    assert not any(".." in path for each in here.values() for path in installed_paths(each))


def test_what_nobody_has_written_down_cannot_be_linked(tmp_path):
    packages = tmp_path / "packages"
    installed(packages, "one", {"one/__init__.py": ""})
    (packages / "one-1.0.dist-info" / "RECORD").unlink()
    here = {each.metadata["Name"]: each for each in distributions(path=[str(packages)])}
    with pytest.raises(OSError, match="one: the files are written down nowhere"):
        linked(tmp_path / "environment", here, {"one"})


# ---------------------------------------------------------------------- a project's


@pytest.fixture
def site(project, tmp_path):
    def site(changes=None, *names):
        return site_of(project(changes or {}), tmp_path / "scratch", *names)

    return site


NEEDS = 'dependencies = ["panoply-python-sdk"]'


def with_needs(text):
    return {"pyproject.toml": PYPROJECT.replace(NEEDS, text)}


def test_where_it_runs_there_is_what_is_declared_and_nothing_else(site):
    environment = site(with_needs('dependencies = ["panoply-python-sdk", "httpx"]')).fact(bare_of)
    assert all(map(environment.has, ("panoply-python-sdk", "orjson", "httpx", "httpcore")))
    assert not any(map(environment.has, ("pytest", "requests", "moto", "shop-source")))


def test_its_tests_have_the_test_kit_and_what_they_ask_for(site):
    extra = (
        '[project.optional-dependencies]\ntest = ["shop-source[web]", "panoply-python-sdk[testing]"]\nweb = ["aiohttp"]'
    )
    environment = site(with_needs(f"{NEEDS}\n{extra}")).fact(full_of)
    assert all(map(environment.has, ("pytest", "moto", "coverage", "aiohttp")))
    assert not environment.has("trio")


def test_what_a_file_of_requirements_lists_is_there_for_tests(site):
    listed = "# for tests\n-r other.txt\ntrio>=0.20  # async\npytest --hash=sha256:1\n"
    project = site({"requirements-dev.txt": listed})
    assert project.fact(full_of).has("trio")
    assert not project.fact(bare_of).has("trio")


def test_what_tests_import_and_nobody_declares_is_there_for_them(site):
    extra = '[project.optional-dependencies]\ntest = ["pytest"]'
    changes = {**with_needs(f"{NEEDS}\n{extra}"), "tests/test_more.py": "import trio\nimport shop\n"}
    project = site(changes)
    assert project.fact(undeclared_by_tests) == {"trio"}
    assert project.fact(full_of).has("trio")


@pytest.mark.parametrize("changes", [{}, with_needs('dynamic = ["dependencies"]')])
def test_where_nobody_says_what_tests_need_they_have_all_there_is(site, changes):
    assert full_with(site(changes), ()).holds is None


LATE = "import importlib\n\nlibrary = importlib.import_module('-'.join(('ai', 'ohttp')).replace('-', ''))\n"


@pytest.mark.parametrize(
    ("code", "top", "is_here"), [(LATE, "aiohttp", True), (LATE.replace("ohttp", "nowhere"), "ainowhere", False)]
)
def test_an_import_that_only_running_shows_is_undeclared_and_nothing_else(site, code, top, is_here):
    project = site({"shop/source.py": code + SOURCE}, "imports_are_declared", "module_imports")
    (undeclared,) = project.fact(tried_of).undeclared
    assert (undeclared.top, undeclared.path, undeclared.line) == (top, "shop/source.py", 3)
    assert undeclared.is_here is is_here
    assert [each.rule for each in dependencies.look(project).findings] == ["imports_are_declared"]
    assert module.look(project).findings == ()
    assert ("module_imports" in module.look(project).judged) is is_here


def test_an_undeclared_import_does_not_keep_the_rest_from_being_looked_at(site):
    changes = {"shop/source.py": LATE + SOURCE, "requirements-test.txt": "pytest\n"}
    project = site(changes, "tests_pass")
    assert project.fact(full_of).has("aiohttp")
    assert tests.look(project).findings == ()


def test_a_module_of_its_own_that_is_missing_is_not_undeclared(site):
    project = site({"shop/source.py": f"import shop.nowhere\n{SOURCE}"}, "imports_are_declared", "module_imports")
    assert dependencies.look(project).findings == ()
    assert [each.rule for each in module.look(project).findings] == ["module_imports"]


def test_a_source_may_ask_for_its_own_version(site):
    code = "from importlib.metadata import version\n\nVERSION = version('shop-source')\nassert VERSION == '1.2.0'\n"
    assert module.look(site({"shop/source.py": code + SOURCE}, "module_imports")).findings == ()
