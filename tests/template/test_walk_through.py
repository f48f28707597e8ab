"""The README's "Start a source", command by command, as it stands there."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import sysconfig
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from demo.api import CountryAPI

ROOT = Path(__file__).parents[2]
SECTION = (ROOT / "README.md").read_text(encoding="utf-8").partition("## Start a source\n")[2].partition("\n## ")[0]
COMMANDS = re.findall(r"^\$ (.+)$", re.findall(r"```console\n(.*?)```", SECTION, re.DOTALL)[0], re.MULTILINE)

# In the place of pip: notes what was to be installed. That what a project asks for can be installed, other tests show.
PIP = """#!{python}
import json, os, sys
with open({notes!r}, "a") as notes:
    notes.write(json.dumps(sys.argv[1:]) + "\\n")
"""


@pytest.fixture
def environment(tmp_path):
    """A shell's, with this kit's programs, and a home of its own."""
    programs, home = tmp_path / "programs", tmp_path / "home"
    programs.mkdir()
    home.mkdir()
    pip = programs / "pip"
    pip.write_text(PIP.format(python=sys.executable, notes=str(tmp_path / "pip.jsonl")))
    pip.chmod(0o755)
    (home / ".gitconfig").write_text("[user]\nname = Ada\nemail = ada@example.com\n")
    path = os.pathsep.join([str(programs), sysconfig.get_path("scripts"), os.environ["PATH"]])
    kept = {name: os.environ[name] for name in ("LANG", "TMPDIR") if name in os.environ}
    return {**kept, "PATH": path, "HOME": str(home), "PYTHONDONTWRITEBYTECODE": "1"}


def test_each_command_works(tmp_path, environment):
    with CountryAPI() as api:
        there = sum(map(len, api.records.values()))
        environment |= {"PANOPLY_PARAM_TOKEN": api.token, "PANOPLY_PARAM_API_URL": api.url}
        script = "\n".join(f"echo @{number}\n{command}" for number, command in enumerate(COMMANDS))
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            cwd=tmp_path,
            env=environment,
            text=True,
            capture_output=True,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    printed = done.stdout + done.stderr
    assert done.returncode == 0, printed
    parts = re.split(r"^@\d+\n", done.stdout, flags=re.MULTILINE)[1:]
    assert re.search(r"\d+ passed, 1 skipped", printed), printed
    assert f"{there:,}" in printed
    assert "Ready: " in parts[-1]
    assert "no finding" in parts[-1]
    assert api.token not in printed

    kit, project = map(json.loads, (tmp_path / "pip.jsonl").read_text().splitlines())
    assert kit == ["install", "panoply-python-sdk[all]"]
    assert project == ["install", "--editable", ".[test]"]


def test_what_the_project_asks_for_is_what_these_tests_have(bake):
    """Otherwise they would show less than an author gets."""
    table = tomllib.loads((bake() / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    for text in [*table["dependencies"], *table["optional-dependencies"]["test"]]:
        wanted = Requirement(text)
        assert wanted.specifier.contains(version(wanted.name), prereleases=True), text


def test_the_walk_through_has_what_it_promises():
    programs = [command.split()[0] for command in COMMANDS]
    assert [name for name in ("pip", "panoply", "git", "pytest", "ruff", "cp") if name not in programs] == []
    assert len(COMMANDS) <= 12
