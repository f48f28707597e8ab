"""What a project declares is fetched for its review: by a real pip, from a folder of wheels."""

from __future__ import annotations

import io
import os
import tarfile
import zipfile
from dataclasses import replace

import pytest
from review_projects import PYPROJECT, site_of

from panoply_testing.review import _fetched, dependencies, installs
from panoply_testing.review._environments import bare_of
from panoply_testing.review._fetched import fetched_of
from panoply_testing.review._installed import installed_of


def wheel(folder, name, version, needs=()):
    about = f"{name}-{version}.dist-info"
    lines = "".join(f"Requires-Dist: {each}\n" for each in needs)
    texts = {
        f"{name}/__init__.py": f"VERSION = '{version}'\n",
        f"{about}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\nLicense-Expression: MIT\n{lines}",
        f"{about}/WHEEL": "Wheel-Version: 1.0\nGenerator: a test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{path},,\n" for path in (*texts, f"{about}/RECORD"))
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as archive:
        for path, text in {**texts, f"{about}/RECORD": record}.items():
            archive.writestr(path, text)


def sdist(folder, name, version):
    with tarfile.open(folder / f"{name}-{version}.tar.gz", "w:gz") as archive:
        for path, text in {
            "setup.py": "raise SystemExit('it was run')\n",
            "PKG-INFO": f"Name: {name}\nVersion: {version}\n",
        }.items():
            entry = tarfile.TarInfo(f"{name}-{version}/{path}")
            entry.size = len(text)
            archive.addfile(entry, io.BytesIO(text.encode()))


@pytest.fixture
def wheels(tmp_path, monkeypatch):
    """A folder of wheels, which is all that pip knows."""
    folder = tmp_path / "wheels"
    folder.mkdir()
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    # What the SDK and the kit need is a hundred megabytes.
    monkeypatch.setattr(_fetched, "_OWN", ())
    monkeypatch.setattr(_fetched, "_of_the_sdk", lambda: ())
    wheel(folder, "hatchling", "1.99")
    wheel(folder, "shopclient", "2.5", ["shopwire>=1"])
    wheel(folder, "shopwire", "1.1")
    wheel(folder, "shopwire", "1.0")
    sdist(folder, "shopold", "1.0")
    return folder


@pytest.fixture
def site(project, tmp_path):
    def site(needs, *names, code=""):
        declared = f'dependencies = ["panoply-python-sdk", {needs}]'
        changes = {"pyproject.toml": PYPROJECT.replace('dependencies = ["panoply-python-sdk"]', declared)}
        if code:
            changes["shop/extra.py"] = code
        return replace(site_of(project(changes), tmp_path / "scratch", *names), installs=True)

    return site


def test_what_is_declared_is_fetched_with_what_it_needs_and_nothing_else_is_there(site, wheels):
    here = site('"shopclient>=2"')
    libraries = here.fact(installed_of)
    assert {name: libraries[name].version for name in ("shopclient", "shopwire")} == {
        "shopclient": "2.5",
        "shopwire": "1.1",
    }
    assert libraries["shopclient"].modules == {"shopclient"}
    assert "panoply" in libraries["panoply-python-sdk"].modules
    assert "requests" not in libraries
    assert here.fact(bare_of).has("shopwire")


def test_a_source_is_judged_with_what_was_fetched(site, wheels):
    names = (
        "module_imports",
        "imports_are_declared",
        "dependencies_are_used",
        "dependencies_exist",
        "installs_are_small",
    )
    here = site('"shopclient>=2"', *names, code="import shopclient\nimport shopwire\n")
    assert [(each.rule, each.key) for each in dependencies.look(here).findings] == [
        ("imports_are_declared", "shopwire")
    ]
    outcome = installs.look(here)
    assert outcome.findings == ()
    assert any("2 libraries" in each.text for each in outcome.notes)


@pytest.mark.parametrize("needs", ['"shopold"', '"shopclient>=3"', '"nowhere"'])
def test_what_cannot_be_fetched_is_said_and_nothing_of_it_is_run(site, wheels, needs):
    here = site(needs, "dependencies_exist")
    fetched = here.fact(fetched_of)
    assert fetched.folder is None
    assert "it was run" not in fetched.problem
    assert needs.strip('"') in fetched.problem
    (note,) = installs.look(here).notes
    assert fetched.problem in note.text
    # What is installed here is there instead.
    assert "pytest" in here.fact(installed_of)


def test_an_address_is_never_fetched(site, wheels):
    fetched = site('"evil @ https://127.0.0.1:9/evil.whl"').fact(fetched_of)
    assert fetched.problem == ""


def test_nothing_is_fetched_unasked(site, wheels):
    assert replace(site('"nowhere"'), installs=False).fact(fetched_of) == _fetched.Fetched()
