"""`panoply.loading`: a source is found by name or path, or it is said why not."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from panoply.errors import LoadError
from panoply.loading import load_source, locate

SOURCE = "CONFIG = {'title': 'T', 'params': []}\nclass Stream: pass\n"


@pytest.fixture(autouse=True)
def as_it_was(monkeypatch):
    """Modules and paths that a test brings in are gone after it."""
    import panoply

    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.setattr(panoply, "__path__", [*panoply.__path__])
    before = set(sys.modules)
    yield
    for name in set(sys.modules) - before:
        del sys.modules[name]
        parent, _, child = name.rpartition(".")
        if parent in sys.modules and hasattr(sys.modules[parent], child):
            delattr(sys.modules[parent], child)


@pytest.fixture
def project(tmp_path):
    """A folder with a module, a package, a package under `src`, and one below `panoply`."""
    (tmp_path / "one_file.py").write_text(SOURCE)
    for folder in ("pack_age", "src/below_src", "panoply/shop_source"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "__init__.py").write_text(SOURCE)
    (tmp_path / "pack_age" / "inner.py").write_text(SOURCE)
    return tmp_path


@pytest.mark.parametrize(
    ("target", "name", "root"),
    [
        ("one_file", "one_file", "."),
        ("one_file.py", "one_file", "."),
        ("./one_file.py", "one_file", "."),
        ("pack_age", "pack_age", "."),
        ("./pack_age", "pack_age", "."),
        ("pack_age/", "pack_age", "."),
        ("pack_age/__init__.py", "pack_age", "."),
        ("pack_age.inner", "pack_age.inner", "."),
        ("pack_age/inner.py", "pack_age.inner", "."),
        ("below_src", "below_src", "src"),
        ("src/below_src", "below_src", "src"),
        ("panoply.shop_source", "panoply.shop_source", "."),
    ],
)
def test_a_source_is_found_by_name_and_by_path(project, target, name, root):
    assert locate(target, project) == (name, project / root)
    assert load_source(target, project).__name__ == name


def test_an_absolute_path_is_found_from_anywhere(project, tmp_path_factory):
    assert load_source(str(project / "pack_age"), tmp_path_factory.mktemp("else")).__name__ == "pack_age"


def test_the_working_folder_is_where_names_and_paths_start(project, monkeypatch):
    monkeypatch.chdir(project)

    assert locate("one_file") == ("one_file", project)


def test_a_dot_is_the_package_that_one_stands_in(project):
    assert locate(".", project / "pack_age") == ("pack_age", project)


def test_an_installed_module_needs_no_folder(tmp_path):
    assert locate("json", tmp_path) == ("json", None)
    assert load_source("json", tmp_path) is sys.modules["json"]


def test_locating_imports_nothing(project):
    (project / "one_file.py").write_text("raise SystemExit")

    assert locate("one_file", project) == ("one_file", project)


def test_the_project_wins_over_what_is_installed(project, tmp_path_factory, monkeypatch):
    installed = tmp_path_factory.mktemp("installed")
    (installed / "one_file.py").write_text("")
    monkeypatch.syspath_prepend(installed)

    assert Path(load_source("one_file", project).__file__).parent == project


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("one_fil", "There is no module 'one_fil'.*Did you mean 'one_file'"),
        ("hypothesi", "There is no module 'hypothesi'.*Did you mean 'hypothesis'"),
        ("nothing.like.it", "There is no module 'nothing.like.it'"),
        ("pack_age.outer", "There is no module 'pack_age.outer'"),
        ("nothing.py", r"There is no 'nothing.py' in "),
        ("./nothing", r"There is no './nothing' in "),
        ("acme-crm", r"neither the name of a module nor .* Did you mean 'acme_crm'\?"),
        ("not a name", "neither the name of a module nor the path"),
        ("", "neither the name of a module nor the path"),
        ("class", "neither the name of a module nor the path"),
        ("-", "neither the name of a module nor the path"),
        ("./src", r"'./src' is not a package: it has no __init__\.py\. Did you mean src/below_src"),
        ("./notes.txt", "not a Python file"),
        ("with-dash.py", "'with-dash' is no name that Python can import"),
        ("dash-ed", "'dash-ed' is no name that Python can import"),
        ("~nobody-of-that-name/x.py", "There is no '~nobody"),
    ],
)
def test_what_cannot_be_found_is_told_with_the_nearest_that_can(project, target, message):
    (project / "notes.txt").write_text("")
    (project / "with-dash.py").write_text(SOURCE)
    (project / "dash-ed").mkdir()
    (project / "dash-ed" / "__init__.py").write_text(SOURCE)

    with pytest.raises(LoadError, match=message):
        load_source(target, project)


def test_the_folder_of_a_project_is_not_taken_for_its_package(project, monkeypatch):
    # Python makes a namespace package of any folder on its path.
    (project / "outer" / "outer").mkdir(parents=True)
    (project / "outer" / "outer" / "__init__.py").write_text(SOURCE)
    monkeypatch.syspath_prepend(project)

    with pytest.raises(LoadError, match=r"'outer' is not a package.*Did you mean outer/outer"):
        load_source("outer", project)


@pytest.mark.parametrize(
    ("code", "message", "cause"),
    [
        (
            "import not_installed_at_all",
            "it imports 'not_installed_at_all', which is not installed",
            ModuleNotFoundError,
        ),
        ("from json import no_such_name", "it raised ImportError", ImportError),
        ("1 / 0", "it raised ZeroDivisionError", ZeroDivisionError),
        ("def f(:", "it raised SyntaxError", SyntaxError),
        ("import sys; sys.exit(3)", r"it called sys.exit\(\)", SystemExit),
        ("raise PermissionError(13, 'Permission denied', '/etc/x')", "Permission denied: /etc/x", PermissionError),
    ],
)
def test_an_import_that_fails_is_told_with_its_cause(project, code, message, cause):
    (project / "broken.py").write_text(code)

    with pytest.raises(LoadError, match=f"Importing broken failed: {message}") as caught:
        load_source("broken", project)
    assert type(caught.value.__cause__) is cause


def test_what_a_failing_import_says_is_not_repeated(project):
    (project / "broken.py").write_text("raise ValueError('hunter2hunter2')")

    with pytest.raises(LoadError) as caught:
        load_source("broken", project)
    assert "hunter2" not in str(caught.value)


def test_ctrl_c_during_an_import_is_no_load_error(project):
    (project / "slow.py").write_text("raise KeyboardInterrupt")

    with pytest.raises(KeyboardInterrupt):
        load_source("slow", project)


def test_a_name_that_is_taken_is_refused(project):
    (project / "json.py").write_text(SOURCE)

    with pytest.raises(LoadError, match="Another module called 'json' is imported already"):
        load_source("./json.py", project)


def test_a_folder_below_panoply_is_its_sub_package_if_the_path_says_so(tmp_path):
    package = tmp_path / "panoply" / "acme_crm"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("")

    assert locate("panoply/acme_crm", tmp_path) == ("panoply.acme_crm", tmp_path)
    assert locate("acme_crm", tmp_path / "panoply") == ("acme_crm", tmp_path / "panoply")
    assert locate("./acme_crm", tmp_path / "panoply") == ("acme_crm", tmp_path / "panoply")
