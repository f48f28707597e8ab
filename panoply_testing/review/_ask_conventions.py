"""Asks ruff and mypy about a project: as processes, about a copy, with a time limit and no secrets in their environment."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tomllib
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from panoply_testing.review._code_conventions import IGNORED, RULE_SET, Complaint, Conventions
from panoply_testing.review._linked import Environment, this_environment
from panoply_testing.review._tree import copy_tree, own_files

__all__ = ["ask_conventions"]

_SECONDS: Final = 60.0

# All that they need of the environment.
_KEPT: Final = ("PATH", "LANG", "LC_ALL", "SYSTEMROOT", "PATHEXT", "TMPDIR", "TEMP", "TMP")

# mypy says this where something is not installed where it looks: then its other complaints are about that, too.
_NOT_THERE: Final = frozenset({"import-not-found", "import-untyped"})


def ask_conventions(
    project: Path,
    paths: tuple[str, ...],
    *,
    files: tuple[str, ...] | None = None,
    within: Environment | None = None,
    seconds: float = _SECONDS,
) -> Conventions:
    """What ruff and mypy say of some files or folders of a project.

    Args:
        project: its folder, of which a copy is made.
        paths: what to look at, relative to it: the package.
        files: what belongs to the project, relative to it. None: all that lies there.
        within: the environment whose packages the project imports: mypy looks for their types there, and is the one that is
            there, if it is. None: this environment.
        seconds: how long each of them may take.
    """
    with TemporaryDirectory(prefix="panoply-review-") as folder:
        copy = Path(folder).resolve() / "project"
        copy_tree(project, own_files(project, None) if files is None else files, copy)
        typed = _is_typed(copy, paths)
        ruff, no_ruff = _ask_ruff(copy, paths, seconds)
        mypy, no_mypy = _ask_mypy(copy, paths, within or this_environment(), seconds) if typed else (None, "")
    return Conventions(ruff=ruff, ruff_missing=no_ruff, mypy=mypy, mypy_missing=no_mypy, typed=typed)


def _is_typed(project: Path, paths: tuple[str, ...]) -> bool:
    if (
        "mypy" in _pyproject(project).get("tool", {})
        or (project / "mypy.ini").is_file()
        or (project / ".mypy.ini").is_file()
    ):
        return True
    return any((project / path / "py.typed").is_file() for path in paths)


def _pyproject(project: Path) -> dict[str, Any]:
    try:
        return tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}  # what is wrong with it, other rules say


def _command(name: str) -> list[str] | None:
    """How to start a tool: that of this environment, or one on the path."""
    if find_spec(name) is not None:
        return [sys.executable, "-P", "-m", name]
    found = shutil.which(name)
    return None if found is None else [found]


def _missing(name: str) -> str:
    return f"{name} is not installed: pip install {name}"


def _run(command: list[str], project: Path, seconds: float) -> subprocess.CompletedProcess[str]:
    environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
    home = project.parent / "home"
    home.mkdir(exist_ok=True)
    environment |= {"HOME": str(home), "USERPROFILE": str(home), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(  # noqa: S603 - a tool of this environment, by its name
        command,
        cwd=project,
        env=environment,
        capture_output=True,
        text=True,
        timeout=seconds,
        check=False,
        stdin=subprocess.DEVNULL,
    )


def _ask_ruff(project: Path, paths: tuple[str, ...], seconds: float) -> tuple[tuple[Complaint, ...] | None, str]:
    command = _command("ruff")
    if command is None:
        return None, _missing("ruff")
    asked = [*command, "check", "--isolated", "--no-cache", "--output-format=json", "--exit-zero", "--line-length=120"]
    # `noqa` counts: it is the author's word. What is not Python is told by another rule.
    asked += [f"--select={','.join(RULE_SET)}", f"--ignore={','.join(IGNORED)}", "--", *paths]
    try:
        done = _run(asked, project, seconds)
        said = json.loads(done.stdout)
        complaints = tuple(_of_ruff(project, each) for each in said if each["code"] not in (None, "invalid-syntax"))
    except subprocess.TimeoutExpired:
        return None, f"ruff took more than {seconds:g} seconds"
    except (ValueError, KeyError, TypeError):
        return None, f"ruff could not be asked: {_first_line(done.stderr)}"
    return complaints, ""


def _of_ruff(project: Path, said: dict[str, Any]) -> Complaint:
    place = said["location"]
    path = Path(said["filename"]).relative_to(project).as_posix()
    return Complaint(path=path, line=place["row"], column=place["column"], code=said["code"], message=said["message"])


def _ask_mypy(
    project: Path, paths: tuple[str, ...], within: Environment, seconds: float
) -> tuple[tuple[Complaint, ...] | None, str]:
    is_there = within.holds is not None and within.has("mypy")
    command = [str(within.python), "-P", "-m", "mypy"] if is_there else _command("mypy")
    if command is None:
        return None, _missing("mypy")
    settings = _pyproject(project).get("tool", {}).get("mypy", {})
    chosen = [] if {"files", "packages", "modules"} & set(settings) else list(paths)
    asked = [*command, "--output=json", f"--python-executable={within.python}", f"--cache-dir={os.devnull}", *chosen]
    try:
        done = _run(asked, project, seconds)
    except subprocess.TimeoutExpired:
        return None, f"mypy took more than {seconds:g} seconds"
    if done.returncode not in (0, 1):
        return None, f"mypy could not be asked: {_first_line(done.stderr or done.stdout)}"
    try:
        said = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    except ValueError:
        return None, "mypy gave an answer that is no JSON"
    errors = [each for each in said if each.get("severity") == "error"]
    absent = next((each["message"] for each in errors if each.get("code") in _NOT_THERE), None)
    if absent is not None:
        return None, f"mypy does not see all that is imported: {_first_line(absent)}"
    complaints = (
        Complaint(
            path=Path(each["file"]).as_posix(),
            line=each["line"],
            column=each["column"] + 1,
            code=each.get("code") or "mypy",
            message=each["message"],
        )
        for each in errors
    )
    return tuple(complaints), ""


def _first_line(text: str) -> str:
    return next((line.strip()[:200] for line in text.splitlines() if line.strip()), "no reason given")
