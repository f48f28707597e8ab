"""Adds to a source's project what it lacks, and changes nothing that is there: `panoply new --into PATH`.

First it is worked out what would be added, with nothing written. What is there already, and what only the project's author
can write, is told.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from panoply._template_config import ConfigFacts, read_config
from panoply._template_filling import Template
from panoply._template_git import is_below_the_top, origin
from panoply._template_module import find_modules, named_module
from panoply._template_project import Project
from panoply._template_pytest import configured
from panoply.errors import TemplateError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from panoply._template_module import Found

__all__ = ["Addition", "Growth", "add", "choose_module", "plan_additions", "takes_ci", "usual_ci"]

# What runs a project's tests elsewhere, by the files that tell it what to do.
_CI: Final = (
    ".github/workflows/*.y*ml",
    ".gitlab-ci.y*ml",
    ".circleci/config.yml",
    ".travis.yml",
    "azure-pipelines.yml",
    "bitbucket-pipelines.yml",
    "Jenkinsfile",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Addition:
    """What is added.

    Attributes:
        name: of the file.
        why: what it is for, in a few words.
        contents: of the whole file.
        is_new: whether the file is not there yet; otherwise a line is added.
    """

    name: str
    why: str
    contents: bytes
    is_new: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Growth:
    """All that is added to a project, and what is not.

    Attributes:
        project: its folder.
        module: the source in it.
        additions: what is added.
        there: what was there, and is left as it is.
        failed: what could not be made, each with the reason.
        missing: what its author has to write, each with what it is for.
    """

    project: Path
    module: Found
    additions: tuple[Addition, ...]
    there: tuple[str, ...]
    failed: tuple[tuple[str, str], ...]
    missing: tuple[tuple[str, str], ...]


def choose_module(project: Path, name: str | None, choose: Callable[[Sequence[Found]], Found] | None = None) -> Found:
    """Find the source in a project.

    Args:
        project: its folder.
        name: the module that somebody names.
        choose: asks which of several it is, if there is somebody to be asked.

    Raises:
        TemplateError: there is none, or which of several it is nobody says.
    """
    if not project.is_dir():
        raise TemplateError(f"There is no folder {project}. (A new project is made without --into.)")
    if name is not None:
        return named_module(project, name)
    found = find_modules(project)
    if not found:
        raise TemplateError(
            f"There is no data source in {project}: no module in it has both a class Stream and a CONFIG. If one makes them "
            "in another way, name it: --package NAME. (A new project is made without --into.)"
        )
    if len(found) == 1:
        return found[0]
    if choose is not None:
        return choose(found)
    names = ", ".join(each.target for each in found)
    raise TemplateError(f"There are {len(found)} data sources in {project}: {names}. Say which: --package NAME.")


def takes_ci(project: Path) -> bool:
    """Whether the project has nothing yet that runs its tests elsewhere, and is where that would be looked for."""
    return not any(True for pattern in _CI for _ in project.glob(pattern)) and not is_below_the_top(project)


def usual_ci(project: Path) -> str:
    """What runs the tests of a project that lies where this one does."""
    return "gitlab" if "gitlab" in (origin(project) or "") else "github"


def plan_additions(project: Path, module: Found, ci: str, template: Path | None = None) -> Growth:
    """Work out what is added to the project. Nothing is written.

    Args:
        project: its folder.
        module: the source in it.
        ci: what shall run its tests: github, gitlab, or none.
        template: the folder of the template; that of the SDK by default.

    Raises:
        TemplateError: a file that has to be read cannot be.
        MissingExtra: cookiecutter is not installed.
    """
    with Template(template) as filling:
        return _Planning(Project(project, module), module, filling).plan(ci)


def add(growth: Growth) -> None:
    """Write what was planned.

    Raises:
        OSError: a file cannot be written, or has come in the meantime.
    """
    for addition in growth.additions:
        path = growth.project / addition.name
        path.parent.mkdir(parents=True, exist_ok=True)
        # "x": what somebody else has written since then is not overwritten.
        with path.open("xb" if addition.is_new else "wb") as file:
            file.write(addition.contents)


class _Planning:
    def __init__(self, project: Project, module: Found, template: Template) -> None:
        self._project = project
        self._module = module
        self._template = template
        self._additions: list[Addition] = []
        self._there: list[str] = []
        self._failed: list[tuple[str, str]] = []
        self._missing = project.missing()

    def plan(self, ci: str) -> Growth:
        """Go through all that a project should have."""
        self._add_what_config_tells()
        self._configure_pytest()
        if is_below_the_top(self._project.folder):
            why = "to be written for the whole repository: they are looked for in its top folder only"
            self._missing.append(("CI, pre-commit", why))
        else:
            self._add_ci(ci)
            there = ".pre-commit-config.y*ml"
            self._add_file(".pre-commit-config.yaml", "checks before each commit", "pre-commit.yaml", there)
        self._add_gitignore()
        patterns = ("CHANGELOG*", "CHANGES*", "HISTORY*", "NEWS*")
        self._add_file("CHANGELOG.md", "tells what is new in each version", "CHANGELOG.md", *patterns)
        return Growth(
            project=self._project.folder,
            module=self._module,
            additions=tuple(self._additions),
            there=tuple(self._there),
            failed=tuple(self._failed),
            missing=tuple(self._missing),
        )

    def _add_what_config_tells(self) -> None:
        """The two files that only the source's own CONFIG can tell the contents of."""
        example = self._project.first("params.example.*")
        tests = next((name for name in ("tests", "test") if (self._project.folder / name).exists()), None)
        if example and tests:
            self._there += [example, f"{tests}/"]
            return
        facts = read_config(self._project.folder, self._module.target)
        if example:
            self._there.append(example)
        elif isinstance(facts, ConfigFacts):
            self._put("params.example.toml", "to be copied to params.toml, and filled in", facts.example)
        else:
            self._failed.append(("params.example.toml", facts))
        if tests:
            self._there.append(f"{tests}/")
        elif isinstance(facts, ConfigFacts):
            text = self._template.text("into/conftest.py", {"variables": facts.variables})
            self._put("tests/conftest.py", "gives the contract's checks the params of params.toml", text)
        else:
            self._failed.append(("tests/conftest.py", facts))

    def _configure_pytest(self) -> None:
        found = configured(self._project.folder, self._module.target)
        if found.after is None:
            self._there.append(f"panoply_source in {found.name}")
            return
        is_new = not (self._project.folder / found.name).exists()
        self._put(
            found.name,
            "panoply_source: from now on pytest checks the data source contract, too",
            found.after,
            is_new=is_new,
        )

    def _add_ci(self, ci: str) -> None:
        there = self._project.first(*_CI)
        if there:
            self._there.append(there)
        elif ci == "none":
            self._missing.append(("CI", "runs its tests on each push: --ci github, or --ci gitlab"))
        else:
            name = {"github": ".github/workflows/ci.yml", "gitlab": ".gitlab-ci.yml"}[ci]
            steps = self._project.steps
            text = self._template.text(
                f"into/{ci}.yml", {"python": self._project.python, "install": self._project.install, "steps": steps}
            )
            self._put(name, f"runs on each push: {', '.join(command for _, command in steps)}", text)

    def _add_gitignore(self) -> None:
        path = self._project.folder / ".gitignore"
        is_there = path.exists()
        self._add_file(".gitignore", "keeps params.toml, and what tools make, out of git", "gitignore", ".gitignore")
        if is_there and "params" not in path.read_text(encoding="utf-8", errors="replace"):
            self._missing.append((".gitignore", "a line params.toml: the file will hold credentials"))

    def _add_file(self, name: str, why: str, source: str, *patterns: str) -> None:
        there = self._project.first(*patterns)
        if there:
            self._there.append(there)
            return
        facts = {
            "target": self._module.target,
            "ruff": self._project.ruff,
            "mypy": self._project.mypy,
            "version": self._project.version or "Unreleased",
        }
        self._put(name, why, self._template.text(f"into/{source}", facts))

    def _put(self, name: str, why: str, text: str, *, is_new: bool = True) -> None:
        self._additions.append(Addition(name=name, why=why, contents=text.encode(), is_new=is_new))
