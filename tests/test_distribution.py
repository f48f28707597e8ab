"""What is built is what people get: the wheel has all that the kit needs, and works away from this folder."""

from __future__ import annotations

import compileall
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

SOURCE = """
import panoply

CONFIG = {"title": "Numbers", "params": [{"name": "token", "type": "password"}]}


class Stream(panoply.DataSource):
    done = False

    def read(self, n=None):
        if self.done:
            return None
        self.done = True
        self.log("reading")
        self.progress(1, 1)
        return [{"number": 1}]
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dist")
    # Without isolation: what builds it is among the dependencies of the tests.
    words = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    subprocess.run(words, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    return wheel


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    """The wheel's content in front of everything else on the path."""
    folder = tmp_path_factory.mktemp("installed")
    zipfile.ZipFile(wheel).extractall(folder)
    return folder


def test_the_wheel_holds_both_packages_their_data_and_nothing_else(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())

    sources = {
        str(path.relative_to(ROOT)) for package in ("panoply", "panoply_testing") for path in files(ROOT / package)
    }
    template = {f"panoply/_template/{path.relative_to(ROOT / 'template')}" for path in files(ROOT / "template")}
    assert {name for name in names if ".dist-info/" not in name} == sources | template
    assert "panoply/_template/cookiecutter.json" in template
    assert {"panoply/config.schema.json", "panoply/py.typed", "panoply_testing/py.typed"} <= names
    assert {"panoply_testing/report/report.schema.json", "panoply_testing/report/report.css"} <= names
    assert "panoply_testing/review/formats/dossier.css" in names


def files(folder):
    return (path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)


def test_the_wheel_says_what_it_is(wheel):
    with zipfile.ZipFile(wheel) as archive:
        metadata = {
            Path(name).name: archive.read(name).decode() for name in archive.namelist() if ".dist-info/" in name
        }

    assert "\nName: panoply-python-sdk\n" in metadata["METADATA"]
    assert "\nRequires-Python: >=3.11\n" in metadata["METADATA"]
    assert "panoply = panoply.__main__:main" in metadata["entry_points.txt"]
    assert "panoply = panoply_testing.plugin" in metadata["entry_points.txt"]
    assert "MIT License" in metadata["LICENSE"]
    core = [
        line
        for line in metadata["METADATA"].splitlines()
        if line.startswith("Requires-Dist") and "extra ==" not in line
    ]
    assert [line.removeprefix("Requires-Dist: ").split(">=")[0] for line in core] == ["botocore", "orjson", "urllib3"]


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        (["panoply", "run", "counting", "--param", "token=abc-123-def"], '{"__table":"counting","number":1}'),
        (["pytest", "--panoply-source=counting", "--panoply-param=token=abc-123-def"], " passed, "),
    ],
)
def test_what_the_wheel_installs_works(installed, tmp_path, words, shown):
    (tmp_path / "counting.py").write_text(SOURCE)

    done = subprocess.run(
        [sys.executable, "-m", *words],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert shown in done.stdout, done.stdout + done.stderr
    assert done.returncode == 0


def test_the_wheel_makes_projects(installed, tmp_path):
    # As installers do: what they compile lies among the template's files, and belongs to no project.
    template = installed / "panoply" / "_template"
    compileall.compile_dir(template, quiet=2)
    assert list(template.rglob("*.pyc"))

    done = subprocess.run(
        [sys.executable, "-m", "panoply", "new", "Acme CRM", "--ci", "none"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(installed)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert (tmp_path / "acme-crm" / "acme_crm" / "source.py").is_file()
    assert not list(tmp_path.rglob("*.pyc"))


def test_it_really_is_the_wheel_that_was_tried(installed, tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", "import panoply, panoply_testing; print(panoply.__file__, panoply_testing.__file__)"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.split() == [str(installed / name / "__init__.py") for name in ("panoply", "panoply_testing")]
