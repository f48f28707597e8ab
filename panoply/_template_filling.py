"""The template of a source's project: what it asks, what is wrong with an answer, and the project that answers make.

Cookiecutter fills in the files. Its command line is not used: it would read a configuration and write replays in the home
folder, and take braces in an answer for its own language. What is asked, and why an answer is refused, is in the template's
folder, so that `cookiecutter template/` and `panoply new` do the same.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.machinery import ModuleSpec, SourceFileLoader
from importlib.util import find_spec, module_from_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

from panoply.constants import VERSION
from panoply.errors import MissingExtra, TemplateError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from types import ModuleType

__all__ = ["Question", "Template", "questions", "taken", "template_folder"]

# What the template's own filters and refusals are called by cookiecutter.
_NAMES: Final = "panoply_template"

# Installers compile what is Python; cookiecutter would make that a part of each project.
_NO_PART: Final = shutil.ignore_patterns("__pycache__", "*.pyc")


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What the template asks.

    Attributes:
        name: of the answer.
        text: for people.
        choices: what can be answered, each with what it means; none: any text.
    """

    name: str
    text: str
    choices: tuple[tuple[str, str], ...] = ()


def template_folder() -> Path:
    """Where the template lies: in the installed package, or beside it in a checkout.

    Raises:
        TemplateError: it is not there.
    """
    package = Path(__file__).resolve().parent
    for folder in (package / "_template", package.parent / "template"):
        if (folder / "cookiecutter.json").is_file():
            return folder
    raise TemplateError(
        f"The template is not part of this installation ({package}). Install the SDK again: "
        "python -m pip install --force-reinstall 'panoply-python-sdk[new]'"
    )


def questions(folder: Path | None = None) -> tuple[Question, ...]:
    """What the template asks, in its order."""
    asked = _asked(folder or template_folder())
    return tuple(_question(name, asked) for name in asked if not name.startswith("_"))


class Template:
    """The template, ready to be filled in, as a context manager.

    It works on a copy of its own, which nobody else changes meanwhile, and which is gone afterwards.

    Args:
        folder: the template's folder; the SDK's own by default.

    Raises:
        MissingExtra: cookiecutter is not installed.
        TemplateError: the template is not there.
    """

    def __init__(self, folder: Path | None = None) -> None:
        for needed in ("cookiecutter", "tomlkit"):
            if find_spec(needed) is None:
                raise MissingExtra("new", "panoply new")
        origin = folder or template_folder()
        self._scratch = tempfile.TemporaryDirectory(prefix="panoply-new-")
        scratch = Path(self._scratch.name).resolve()
        self._folder = scratch / "template"
        shutil.copytree(origin, self._folder, ignore=_NO_PART, copy_function=shutil.copyfile)
        self._made = scratch / "made"
        # cookiecutter leaves its filled in hooks lying there.
        self._hooks = scratch / "hooks"
        self._hooks.mkdir()
        self._settings = _asked(self._folder)
        self.questions = questions(self._folder)
        self._names = _load(self._folder / f"{_NAMES}.py")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._scratch.cleanup()

    def default(self, name: str, answers: Mapping[str, str]) -> str:
        """The usual answer to a question, which may depend on the answers to those before it."""
        usual = self._settings.get(f"_usual_{name}")
        if usual is not None and answers.get("kind") in usual:
            return str(usual[answers["kind"]])
        raw = self._settings[name]
        return str(raw[0]) if isinstance(raw, list) else self._render(raw, answers)

    def completed(self, given: Mapping[str, str]) -> dict[str, str]:
        """The answers given, with the usual ones to all other questions."""
        answers: dict[str, str] = {}
        for question in self.questions:
            name = question.name
            answers[name] = given[name] if name in given else self.default(name, answers)
        return answers

    def problem(self, name: str, answers: Mapping[str, str], output: Path | None = None) -> str | None:
        """What is wrong with the answer to a question, if anything; later ones need not be there yet."""
        question = next(each for each in self.questions if each.name == name)
        values = [value for value, _ in question.choices]
        if values and answers[name] not in values:
            return f"{name} is {answers[name]!r}. Choose one of: {', '.join(values)}."
        where = {} if output is None else {"_output_dir": str(output)}
        slug = {"__project_slug": self.project_name(answers["package"])} if "package" in answers else {}
        found = self._names.problem(name, {**answers, **slug, **where})
        return None if found is None else str(found)

    def project_name(self, package: str) -> str:
        """What the project's folder is called."""
        return self._render(self._settings["__project_slug"], {"package": package})

    def make(self, answers: Mapping[str, str], output: Path) -> Path:
        """Make a project in the folder `output`; gives its folder. If that fails, nothing is left of it.

        Raises:
            TemplateError: an answer is wrong, all that are wrong are told; or there is something where it should be.
            OSError: it cannot be written.
        """
        found = [self.problem(question.name, answers, output) for question in self.questions]
        problems = [each for each in found if each is not None]
        if problems:
            raise TemplateError("No project was made:" + "".join(f"\n  - {each}" for each in problems))
        target = output / self.project_name(answers["package"])
        if os.path.lexists(target):
            raise TemplateError(taken(target))
        made = self.fill_in(answers, output=output)
        try:
            shutil.copytree(made, target)
        except BaseException:
            shutil.rmtree(target, ignore_errors=True)
            raise
        return target

    def fill_in(self, answers: Mapping[str, str], *, created: str = "", output: Path | None = None) -> Path:
        """Make the project among the template's temporary files, unchecked; gives its folder.

        Args:
            answers: to all questions.
            created: the date in its files; today by default.
            output: where it will lie.
        """
        from cookiecutter.generate import generate_files  # noqa: PLC0415 - it is optional
        from cookiecutter.hooks import run_hook_from_repo_dir  # noqa: PLC0415

        own = {**answers, "_sdk_version": VERSION, "_created": created}
        filled: dict[str, Any] = {}
        for name, raw in self._settings.items():
            if name == "__prompts__":
                continue
            # What begins with two underscores is worked out, with one taken as it is.
            is_worked_out = name.startswith("__") and isinstance(raw, str)
            filled[name] = own[name] if name in own else self._render(raw, filled) if is_worked_out else raw
        filled["_output_dir"] = str(output or self._made)
        context = {"cookiecutter": filled}
        shutil.rmtree(self._made, ignore_errors=True)
        with self._importable(), _temporary_files_in(self._hooks):
            # Without its hooks, as the first only checks the answers again.
            made = generate_files(self._folder, context, str(self._made), accept_hooks=False)
            run_hook_from_repo_dir(self._folder, "post_gen_project", made, context, delete_project_on_failure=False)
        return Path(made)

    def text(self, name: str, facts: Mapping[str, Any]) -> str:
        """Fill in one of the files in the template's folder `templates`."""
        from jinja2 import FileSystemLoader  # noqa: PLC0415 - it comes with cookiecutter

        environment = self._environment()
        environment.loader = FileSystemLoader(self._folder / "templates")
        return str(environment.get_template(name).render(**facts))

    def _render(self, raw: str, answers: Mapping[str, Any]) -> str:
        return str(self._environment().from_string(raw).render(cookiecutter=answers))

    def _environment(self) -> Any:
        from cookiecutter.utils import create_env_with_context  # noqa: PLC0415 - it is optional

        with self._importable():
            return create_env_with_context({"cookiecutter": self._settings})

    @contextmanager
    def _importable(self) -> Iterator[None]:
        """Let cookiecutter find the names of this very template, and no others."""
        others = sys.modules.get(_NAMES)
        sys.modules[_NAMES] = self._names
        try:
            yield
        finally:
            if others is None:
                del sys.modules[_NAMES]
            else:
                sys.modules[_NAMES] = others


def taken(target: Path) -> str:
    """What is said where there is something in the place of a new project."""
    return (
        f"No project was made: there is {target} already. Choose another --package or --output-dir. (To add to a project "
        "what it lacks: panoply new --into PATH. To bring it up to the present template: panoply new --update PATH.)"
    )


def _asked(folder: Path) -> dict[str, Any]:
    settings: dict[str, Any] = json.loads((folder / "cookiecutter.json").read_text(encoding="utf-8"))
    return settings


def _question(name: str, settings: dict[str, Any]) -> Question:
    prompt, raw = settings["__prompts__"][name], settings[name]
    if isinstance(prompt, str):
        return Question(name=name, text=prompt)
    return Question(
        name=name, text=prompt["__prompt__"], choices=tuple((value, _meaning(value, prompt[value])) for value in raw)
    )


def _meaning(value: str, text: str) -> str:
    """What a choice means, without its own name, which cookiecutter does not show and others do."""
    head, _, rest = text.partition(": ")
    is_name = [letter for letter in head.lower() if letter.isalnum()] == [
        letter for letter in value.lower() if letter.isalnum()
    ]
    return rest if rest and is_name else text


def _load(path: Path) -> ModuleType:
    loader = SourceFileLoader(_NAMES, str(path))
    module = module_from_spec(ModuleSpec(_NAMES, loader, origin=str(path)))
    module.__file__ = str(path)
    loader.exec_module(module)
    return module


@contextmanager
def _temporary_files_in(folder: Path) -> Iterator[None]:
    before = tempfile.tempdir
    tempfile.tempdir = str(folder)
    try:
        yield
    finally:
        tempfile.tempdir = before
