"""What a project from the template has to come through, step by step, as its author and its reviewer would do it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[2]

# Of the template's language and its engine; a project is made by them, and knows nothing of them.
TRACES = re.compile(r"cookiecutter|jinja|\{\{|\}\}|\{%|%\}|\{#|#\}", re.IGNORECASE)

# Two braces meet in JSON that is written in one line, and in a regular expression.
NO_TRACES = frozenset({"}}"})


class StepError(AssertionError):
    """A step did not succeed; the message has what it printed."""


def run(
    *words: object, folder: Path, python: object = sys.executable, seconds: float | None = None, **more: str
) -> str:
    """Run a module of Python's in the project, without what a session of pytest around it has set."""
    command = [str(word) for word in (python, "-m", *words)] if python else [str(word) for word in words]
    own = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "COV_", "COVERAGE_"))}
    kit = {"PYTHONPATH": str(ROOT), "MYPYPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"} if python else {}
    done = subprocess.run(
        command,
        cwd=folder,
        env=own | kit | more,
        text=True,
        capture_output=True,
        check=False,
        encoding="utf-8",
        timeout=seconds,
    )
    if done.returncode:
        raise StepError(f"{' '.join(command)} ended with {done.returncode}\n{done.stdout}\n{done.stderr}")
    return done.stdout


def texts(project: Path) -> dict[str, str]:
    """All files of the project but pictures, and what version control has of them."""
    return {
        path.relative_to(project).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted(project.rglob("*"))
        if path.is_file() and path.suffix != ".png" and ".git" not in path.relative_to(project).parts
    }


def check_files(project: Path, answers: dict[str, str]) -> None:
    """No file shows what it was made by; each is written to its end; CI and hooks can be read."""
    for name, text in texts(project).items():
        if traces := set(TRACES.findall(text)) - NO_TRACES:
            raise StepError(f"{name} has traces of the template: {', '.join(sorted(traces))}")
        if not text.endswith("\n") or text.endswith("\n\n") or text.startswith("\n"):
            raise StepError(f"{name} does not begin and end with a line of text")
        if name.endswith((".yml", ".yaml")) and not isinstance(yaml.safe_load(text), dict):
            raise StepError(f"{name} is no mapping")
    there = {name for name in texts(project) if name in (".github/workflows/ci.yml", ".gitlab-ci.yml")}
    wanted = {"github": {".github/workflows/ci.yml"}, "gitlab": {".gitlab-ci.yml"}, "none": set()}[answers["ci"]]
    if there != wanted or (project / ".unwanted").exists():
        raise StepError(f"of CI there are {there}, and not {wanted}")


def check_style(project: Path) -> None:
    """Ruff has nothing to say, neither of the code nor of its format."""
    run("ruff", "check", "--no-cache", "--quiet", ".", folder=project)
    run("ruff", "format", "--no-cache", "--check", "--diff", ".", folder=project)


def check_types(project: Path, cache: Path) -> None:
    """The code is typed, strictly."""
    run("mypy", "--strict", "--cache-dir", cache, folder=project)


def check_tests(project: Path) -> str:
    """Its own tests pass and cover it, and the contract is kept, SHOULD rules included."""
    printed = run("coverage", "run", "-m", "pytest", "-p", "no:cacheprovider", "--panoply-strict", folder=project)
    covered = run("coverage", "report", "--show-missing", "--fail-under=95", folder=project)
    (project / ".coverage").unlink()
    if "warnings summary" in printed:
        raise StepError(printed)
    return printed + covered


def commit(project: Path) -> None:
    """Put it under version control and tag it, as its README says."""
    author = ("-c", "user.name=Ada", "-c", "user.email=ada@example.com", "-c", "commit.gpgsign=false")
    for words in (
        ("init", "--quiet", "--initial-branch=main"),
        ("add", "--all"),
        (*author, "commit", "--quiet", "--message", "The first version"),
        (*author, "tag", "--annotate", "v0.1.0", "--message", "Version 0.1.0"),
    ):
        run("git", *words, folder=project, python=None)


def check_review(project: Path) -> str:
    """The review finds nothing, and could look at everything but for what takes minutes or the network: it is ready."""
    printed = run("panoply", "review", ".", folder=project)
    words = " ".join(printed.split())
    untold = (
        "mistakes_are_noticed, verdict_is_stable: it takes minutes",
        "dependencies_have_no_known_vulnerabilities: it asks a database",
    )
    if "no finding; 3 rules could not be checked" not in words or not all(each in words for each in untold):
        raise StepError(printed)
    return printed


def build(project: Path, folder: Path) -> Path:
    """Build sdist and wheel, the one out of the other; gives the wheel."""
    run("build", "--no-isolation", "--outdir", folder, folder=project)
    [wheel] = folder.glob("*.whl")
    return wheel


# A test of the project's, with its own far end, that runs what is installed in another environment.
_RUN_INSTALLED = """
import json
import os
import subprocess
from pathlib import Path


def test_what_is_installed_runs(panoply_params, panoply_options, panoply_collect, tmp_path):
    (tmp_path / "params.json").write_text(json.dumps(panoply_params))
    (tmp_path / "options.json").write_text(json.dumps(panoply_options))
    words = ["--params", "params.json", "--options", "options.json", "--to", "rows.jsonl", "--no-input"]
    clean = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    program = str(Path(os.environ["INSTALLED"]) / "panoply")
    done = subprocess.run([program, "run", os.environ["PACKAGE"], *words], cwd=tmp_path, env=clean, check=False,
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    assert len((tmp_path / "rows.jsonl").read_text().splitlines()) == len(panoply_collect().records) > 0
"""


def check_installed(project: Path, wheel: Path, sdk: Path, scratch: Path) -> None:
    """The wheel works in an environment that has nothing but it, and what it asks for.

    Args:
        project: where its tests are, which have the far end.
        wheel: what is installed; `sdk`: a wheel of this kit.
        scratch: an empty folder.
    """
    venv.create(scratch / "env", with_pip=True)
    programs = scratch / "env" / "bin"
    quietly = ("pip", "--disable-pip-version-check", "--quiet", "install")
    run(
        *quietly,
        f"panoply-python-sdk[cli] @ {sdk.as_uri()}",
        wheel,
        folder=scratch,
        python=programs / "python",
        PYTHONPATH="",
    )
    [package] = (path.parent.name for path in project.glob("*/config.py"))
    with tempfile.NamedTemporaryFile("w", dir=project / "tests", prefix="test_", suffix=".py") as test:
        test.write(_RUN_INSTALLED)
        test.flush()
        words = ("pytest", "-p", "no:cacheprovider", "-k", "what_is_installed")
        run(*words, test.name, folder=project, INSTALLED=str(programs), PACKAGE=package)
