"""Projects of sources that were written without the template, and what is added to them."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib

import pytest
import yaml

from panoply._template_config import read_config
from panoply._template_into import add, choose_module, plan_additions, takes_ci, usual_ci
from panoply._template_module import find_modules, named_module
from panoply._template_project import Project
from panoply._template_pytest import configured
from panoply.constants import VERSION
from panoply.errors import TemplateError

SOURCE = """
import panoply

CONFIG = {
    "title": "Shop",
    "params": [{"name": "apiToken", "type": "password", "required": True}, {"name": "page", "type": "number"}],
}


class Stream(panoply.DataSource):
    done = False

    def read(self, n=None):
        if self.done:
            return None
        rows = [{"page": self.source["page"]}]
        self.done = True
        self.log("reading")
        self.progress(1, 1)
        return rows
"""


def write(project, files):
    for name, text in files.items():
        path = project / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return project


def grow(project, ci="github"):
    growth = plan_additions(project, choose_module(project, None), ci)
    add(growth)
    return growth


def contents(project):
    return {
        path.relative_to(project).as_posix(): path.read_bytes()
        for path in project.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


# ---------------------------------------------------------------------- which module it is


@pytest.mark.parametrize(
    ("files", "target"),
    [
        ({"shop.py": SOURCE}, "shop"),
        ({"shop/__init__.py": SOURCE}, "shop"),
        ({"src/shop/__init__.py": SOURCE}, "shop"),
        ({"src/shop.py": SOURCE}, "shop"),
        ({"lib/shop.py": SOURCE}, "./lib/shop.py"),
        ({"panoply/shop/__init__.py": SOURCE}, "panoply.shop"),
        ({"shop/__init__.py": "", "shop/source.py": SOURCE}, "shop.source"),
        ({"shop/__init__.py": "from .source import CONFIG, Stream", "shop/source.py": SOURCE}, "shop"),
        ({"shop/__init__.py": "from shop.source import CONFIG, Stream", "shop/source.py": SOURCE}, "shop"),
        ({"shop/__init__.py": "from .source import *", "shop/source.py": SOURCE}, "shop"),
        (
            {
                "shop/__init__.py": "from .a import *",
                "shop/a.py": "from . import *\nfrom .b import *",
                "shop/b.py": SOURCE,
            },
            "shop",
        ),
        ({"shop.py": "if True:\n    CONFIG: dict = {}\ntry:\n    class Stream: pass\nfinally:\n    pass"}, "shop"),
        ({"shop.py": "CONFIG, other = {}, 1\nfrom x import y\nclass Stream: pass"}, "shop"),
        # What uses a source is none.
        ({"shop.py": SOURCE, "main.py": "from shop import CONFIG, Stream"}, "shop"),
        ({"shop.py": SOURCE, "tests/test_x.py": SOURCE, "tests/other.py": SOURCE, "conftest.py": SOURCE}, "shop"),
        ({"shop.py": SOURCE, "env/pyvenv.cfg": "", "env/x.py": SOURCE, "e/pyvenv.cfg": "", "e/x.py": SOURCE}, "shop"),
        ({"shop.py": SOURCE, "build/lib/shop.py": SOURCE, ".hidden/x.py": SOURCE, "a-b.py": SOURCE}, "shop"),
        ({"shop.py": SOURCE, "broken.py": "CONFIG = (\nclass Stream: pass"}, "shop"),
    ],
)
def test_a_source_is_found_by_reading(tmp_path, files, target):
    [found] = find_modules(write(tmp_path, files))

    assert found.target == target
    assert named_module(tmp_path, target).path == found.path


@pytest.mark.parametrize(
    "text",
    [
        "CONFIG = {}",
        "def f():\n    CONFIG = {}\n    class Stream: pass",
        "CONFIG: dict\nclass Stream: pass",
        "from somewhere import CONFIG, Stream",
    ],
)
def test_what_has_not_both_names_is_no_source(tmp_path, text):
    write(tmp_path, {"shop.py": text})

    with pytest.raises(TemplateError, match=r"no module in it has both.*--package NAME"):
        choose_module(tmp_path, None)
    assert choose_module(tmp_path, "shop").target == "shop"


def test_of_several_sources_one_has_to_be_named(tmp_path):
    write(tmp_path, {"a.py": SOURCE, "src/b/__init__.py": SOURCE})

    with pytest.raises(TemplateError, match=r"2 data sources in .*: a, b. Say which"):
        choose_module(tmp_path, None)
    assert choose_module(tmp_path, "b").target == "b"
    assert choose_module(tmp_path, None, lambda found: found[1]).target == "b"
    with pytest.raises(TemplateError, match="no module 'json'"):
        choose_module(tmp_path, "json")
    with pytest.raises(TemplateError, match="no folder"):
        choose_module(tmp_path / "x", None)


# ---------------------------------------------------------------------- what is added


BUILT = '[project]\nname = "shop"\nversion = "1.2"\ndependencies = ["requests"]\n'


def test_all_that_a_project_lacks_is_added_once(tmp_path):
    write(tmp_path, {"shop.py": SOURCE, "pyproject.toml": BUILT})
    before = contents(tmp_path)

    growth = grow(tmp_path)

    after = contents(tmp_path)
    assert after.keys() - before.keys() == {
        ".github/workflows/ci.yml",
        ".gitignore",
        ".pre-commit-config.yaml",
        "CHANGELOG.md",
        "params.example.toml",
        "tests/conftest.py",
    }
    assert [name for name in before if before[name] != after[name]] == ["pyproject.toml"]
    assert not growth.failed
    assert [name for name, _ in growth.missing] == ["tests", "README.md", "LICENSE", "pyproject.toml"]
    assert after["params.example.toml"].decode().startswith("# Params of Shop.")
    assert b"## 1.2" in after["CHANGELOG.md"]

    again = grow(tmp_path)
    assert not again.additions
    assert contents(tmp_path) == after
    assert len(again.there) == 7


def test_what_was_added_works(tmp_path):
    write(tmp_path, {"src/shop/__init__.py": SOURCE, "pyproject.toml": BUILT})
    grow(tmp_path)

    (tmp_path / "params.toml").write_text('page = 3\napiToken = ""\n')
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "PANOPLY"))}

    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-k", "read_ends or logs_hide"],
        cwd=tmp_path,
        env=environment | {"PANOPLY_PARAM_API_TOKEN": "made-up-token"},
        capture_output=True,
        text=True,
        check=False,
    )

    # The one has the file's param, the other the credential.
    assert " 2 passed" in done.stdout
    # Nothing is green for want of params.
    assert "skip" not in (tmp_path / "tests" / "conftest.py").read_text()


def test_what_is_there_stays_as_it_is(tmp_path):
    files = {
        "shop.py": SOURCE,
        "setup.py": "",
        "setup.cfg": "[tool:pytest]\npanoply_source = other\n",
        "params.example.json": "{}",
        "test/test_shop.py": "",
        ".travis.yml": "",
        ".pre-commit-config.yml": "",
        ".gitignore": "*.log\n",
        "changes.rst": "",
        "Readme.rst": "",
        "LICENCE": "",
    }
    write(tmp_path, files)
    before = contents(tmp_path)

    growth = grow(tmp_path)

    assert not growth.additions
    assert contents(tmp_path) == before
    assert [name for name, _ in growth.missing] == [".gitignore"]
    assert growth.there == (
        "params.example.json",
        "test/",
        "panoply_source in setup.cfg",
        ".travis.yml",
        ".pre-commit-config.yml",
        ".gitignore",
        "changes.rst",
    )


def test_nothing_is_overwritten_that_has_come_in_the_meantime(tmp_path):
    write(tmp_path, {"shop.py": SOURCE})
    growth = plan_additions(tmp_path, choose_module(tmp_path, None), "none")
    (tmp_path / "params.example.toml").write_text("mine")

    with pytest.raises(FileExistsError):
        add(growth)

    assert (tmp_path / "params.example.toml").read_text() == "mine"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("import panoply_of_nobody", "imports 'panoply_of_nobody', which is not installed"),
        ("import sys\nsys.exit(3)", "called sys.exit"),
        ("import os\nos._exit(3)", "ended its process (exit code 3)"),
        ("raise ValueError('no luck')", "ValueError: no luck"),
        ("CONFIG = 1\nclass Stream: pass", "CONFIG"),
    ],
)
def test_a_source_that_cannot_be_loaded_gets_the_rest(tmp_path, text, told):
    write(tmp_path, {"shop.py": f"{SOURCE}\n{text}\n"})

    growth = grow(tmp_path)

    assert [name for name, _ in growth.failed] == ["params.example.toml", "tests/conftest.py"]
    assert told in growth.failed[0][1]
    assert (tmp_path / ".gitignore").exists()
    assert not (tmp_path / "tests").exists()


def test_a_source_that_does_not_end_is_ended(tmp_path):
    write(tmp_path, {"shop.py": "import time\nprint('loading', flush=True)\ntime.sleep(600)\n"})

    assert read_config(tmp_path, "shop", patience=0.5) == "importing shop did not end within 0.5 seconds"


def test_what_a_source_prints_or_leaves_running_does_no_harm(tmp_path):
    chatty = "import threading, time\nprint('{}')\nthreading.Thread(target=time.sleep, args=(600,)).start()\n"
    write(tmp_path, {"shop.py": chatty + SOURCE})

    facts = read_config(tmp_path, "shop")

    assert facts.variables == {"apiToken": "PANOPLY_PARAM_API_TOKEN"}
    assert not list(tmp_path.rglob("__pycache__"))


def test_a_source_without_params_is_tested_without(tmp_path):
    write(
        tmp_path,
        {"shop.py": 'import panoply\nCONFIG = {"title": "x", "params": []}\nclass Stream(panoply.DataSource): pass'},
    )
    grow(tmp_path)

    text = (tmp_path / "tests" / "conftest.py").read_text()
    compile(text, "conftest.py", "exec")
    assert "environ" not in text


# ---------------------------------------------------------------------- CI


TOOLS = BUILT + (
    'requires-python = ">=3.12"\n[project.optional-dependencies]\ntest = ["pytest"]\n'
    "[tool.ruff]\nline-length = 100\n[tool.mypy]\nstrict = true\n"
)


@pytest.mark.parametrize(
    ("files", "commands"),
    [
        (
            {"src/shop/__init__.py": SOURCE, "pyproject.toml": TOOLS},
            [
                f"pip install --editable '.[test]' 'panoply-python-sdk[all]>={VERSION}' build ruff mypy",
                "ruff check",
                "mypy src/shop",
                "pytest",
                "python -m build",
            ],
        ),
        (
            {"shop.py": SOURCE, "requirements.txt": "", "mypy.ini": "[mypy]\nfiles = shop.py\n", "ruff.toml": ""},
            [
                f"pip install --requirement requirements.txt 'panoply-python-sdk[all]>={VERSION}' ruff mypy",
                "ruff check",
                "mypy",
                "pytest",
            ],
        ),
        (
            {"shop.py": SOURCE, "pyproject.toml": '[dependency-groups]\ndev = ["pytest"]\n'},
            [f"pip install --group dev 'panoply-python-sdk[all]>={VERSION}'", "pytest"],
        ),
    ],
)
def test_ci_runs_what_the_project_is_set_up_for(tmp_path, files, commands):
    write(tmp_path, files)
    project = Project(tmp_path, choose_module(tmp_path, None))
    assert [project.install, *(command for _, command in project.steps)] == commands

    for ci, name in (("github", ".github/workflows/ci.yml"), ("gitlab", ".gitlab-ci.yml")):
        growth = plan_additions(tmp_path, choose_module(tmp_path, None), ci)
        [text] = [each.contents.decode() for each in growth.additions if each.name == name]
        jobs = yaml.safe_load(text)
        if ci == "github":
            steps = jobs["jobs"]["check"]["steps"]
            assert [step["run"] for step in steps if "run" in step] == [*commands, "panoply review"]
            assert steps[1]["with"]["python-version"] == project.python
        else:
            assert jobs["check"]["before_script"] + jobs["check"]["script"] == commands
            assert jobs["image"] == f"python:{project.python}"
        hooks = yaml.safe_load(
            next(each.contents for each in growth.additions if each.name == ".pre-commit-config.yaml")
        )
        entries = [hook["entry"] for hook in hooks["repos"][0]["hooks"]]
        assert entries[-1] == "panoply config shop"
        assert ("ruff check --fix" in entries) == ("ruff check" in commands)
    assert Project(tmp_path, choose_module(tmp_path, None)).python == (
        "3.12" if "src/shop/__init__.py" in files else "3.11"
    )


def test_without_ci_it_is_said(tmp_path):
    growth = grow(write(tmp_path, {"shop.py": SOURCE}), ci="none")

    assert "CI" in dict(growth.missing)
    assert takes_ci(tmp_path)
    assert not takes_ci(write(tmp_path, {".github/workflows/x.yaml": ""}))


def test_what_is_looked_for_in_the_top_folder_only_is_not_added_below(tmp_path):
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True)
    project = write(tmp_path / "sources" / "shop", {"shop.py": SOURCE})

    growth = grow(project)

    assert not takes_ci(project)
    assert "CI, pre-commit" in dict(growth.missing)
    assert not (project / ".github").exists()
    assert not (project / ".pre-commit-config.yaml").exists()
    assert (project / ".gitignore").exists()


def test_the_usual_ci_is_that_of_where_the_project_lies(tmp_path):
    assert usual_ci(tmp_path) == "github"
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True)
    subprocess.run(["git", "remote", "add", "origin", "git@gitlab.example.com:a/b.git"], cwd=tmp_path, check=True)
    assert usual_ci(tmp_path) == "gitlab"


# ---------------------------------------------------------------------- pytest's configuration


@pytest.mark.parametrize(
    ("files", "name", "added"),
    [
        ({}, "pytest.ini", "[pytest]\npanoply_source = shop\n"),
        ({"pyproject.toml": ""}, "pyproject.toml", '[tool.pytest.ini_options]\npanoply_source = "shop"\n'),
        (
            {"pyproject.toml": "[project]\nname = 'x' # mine", "setup.cfg": "[metadata]\n", "tox.ini": "[tox]\n"},
            "pyproject.toml",
            "[project]\nname = 'x' # mine\n\n[tool.pytest.ini_options]\npanoply_source = \"shop\"\n",
        ),
        (
            {"pyproject.toml": "[tool.pytest.ini_options] # mine\naddopts = '-ra'\n\n[tool.x]\n"},
            "pyproject.toml",
            "[tool.pytest.ini_options] # mine\naddopts = '-ra'\npanoply_source = \"shop\"\n\n[tool.x]\n",
        ),
        (
            {"pyproject.toml": "[tool.pytest.ini_options]"},
            "pyproject.toml",
            '[tool.pytest.ini_options]\npanoply_source = "shop"\n',
        ),
        (
            {"pyproject.toml": "[tool.pytest]\nx = 1\n"},
            "pyproject.toml",
            '[tool.pytest]\nx = 1\npanoply_source = ["shop"]\n',
        ),
        ({"pyproject.toml": "tool.pytest.ini_options.x = 1\n"}, "pyproject.toml", None),
        (
            {"pytest.ini": "", "pyproject.toml": "[tool.pytest.ini_options]\n"},
            "pytest.ini",
            "[pytest]\npanoply_source = shop\n",
        ),
        ({"tox.ini": "[pytest]\n", "setup.cfg": "[tool:pytest]\n"}, "tox.ini", "[pytest]\npanoply_source = shop\n"),
        ({"pytest.toml": ""}, "pytest.toml", '[pytest]\npanoply_source = ["shop"]\n'),
        (
            {"tox.ini": "[tox]\nx = 1\n[pytest] ; mine\naddopts = -ra\n"},
            "tox.ini",
            "[tox]\nx = 1\n[pytest] ; mine\npanoply_source = shop\naddopts = -ra\n",
        ),
        (
            {"setup.cfg": "[tool:pytest]\r\nx = 1\r\n"},
            "setup.cfg",
            "[tool:pytest]\r\npanoply_source = shop\r\nx = 1\r\n",
        ),
        (
            {"tox.ini": "[other]\npanoply_source = x\n[pytest]"},
            "tox.ini",
            "[other]\npanoply_source = x\n[pytest]\npanoply_source = shop\n",
        ),
    ],
)
def test_one_key_is_added_where_pytest_looks(tmp_path, files, name, added):
    for file, text in files.items():
        (tmp_path / file).write_bytes(text.encode())

    found = configured(tmp_path, "shop")

    assert found.name == name
    if added is not None:
        assert found.after == added
    elif name.endswith(".toml"):
        assert tomllib.loads(found.after)["tool"]["pytest"]["ini_options"] == {"x": 1, "panoply_source": "shop"}
    (tmp_path / name).write_bytes(found.after.encode())
    assert configured(tmp_path, "shop").after is None
    assert configured(tmp_path, "shop").name == name
    assert seen_by_pytest(tmp_path) == ["shop"]


def seen_by_pytest(project):
    """What pytest itself makes of the files."""
    from _pytest.config import get_config

    config = get_config()
    config.parse([str(project)])
    return config.getini("panoply_source")


def test_a_form_that_leaves_no_place_is_told(tmp_path):
    (tmp_path / "pyproject.toml").write_text("tool = {pytest = {}}\n")

    with pytest.raises(TemplateError, match="Add this to the table"):
        configured(tmp_path, "shop")


@pytest.mark.parametrize("text", ["[x", "x = 1\nx = 2", "\x80"])
def test_a_file_that_is_not_toml_is_told(tmp_path, text):
    (tmp_path / "pyproject.toml").write_text(text, encoding="latin-1")

    with pytest.raises(TemplateError, match=r"pyproject\.toml"):
        configured(tmp_path, "shop")
