"""`panoply new`: what is typed, which of its three jobs that means, and what is asked. What is done is the library's to know."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click

from panoply._interrupts import ending_when_told
from panoply._template_filling import Question, Template, questions, taken
from panoply._template_git import is_in_repository, user_name
from panoply._template_into import add, choose_module, plan_additions, takes_ci, usual_ci
from panoply._template_update import apply_update, plan_update
from panoply.cli._display import Loudness
from panoply.cli._new_view import Paper, show_growth, show_made, show_update, show_updated
from panoply.cli._prompt import can_ask
from panoply.cli._questions import ask, confirm
from panoply.cli._screen import Screen
from panoply.cli._source import exiting
from panoply.errors import PanoplyException, TemplateError
from panoply.masking import Mask

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from panoply._template_module import Found

__all__ = ["new"]

_HELP: Final = """Start a data source: a project with code, tests and CI that work, made from the template.

In a terminal, what is not given by an option is asked for; elsewhere, or with --no-input, the usual answers are taken. The
project is made in a folder of its own, which must not be there yet.

--into PATH adds to a project that is there what it lacks: a params file to fill in, CI, the contract's configuration, and
more; nothing that is there is overwritten. Only --ci and --package go with it.

--update [PATH] brings a project that was made like this up to the present template, and shows the difference first. What its
author has changed is merged, by git. Files with changes that are not committed are not touched.

The exit code is 0 if all was done. 1: there are conflicts to be mended; an update was shown, and not written; or something
could not be added. 2: an answer is wrong, or nothing could be done. 130: interrupted; nothing is left of a new project.
"""


class _New(click.Command):
    """Has an option for each question of the template, with its words."""

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        try:
            asked = questions()
        except PanoplyException as exc:
            raise click.UsageError(str(exc)) from exc
        own = [_option(question) for question in asked if question.name != "title"]
        first, *others = super().get_params(ctx)
        return [first, *own, *others]


def _option(question: Question) -> click.Option:
    meanings = "; ".join(f"{value}: {meaning}" for value, meaning in question.choices)
    text = f"{question.text.removesuffix('?')}{'?' if question.text.endswith('?') else '.'}"
    kind = click.Choice([value for value, _ in question.choices]) if question.choices else click.STRING
    return click.Option(
        [f"--{question.name}"],
        type=kind,
        metavar=None if question.choices else "TEXT",
        help=f"{text} {meanings}".rstrip(),
    )


@click.command("new", cls=_New, help=_HELP, context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("title", required=False)
@click.option(
    "--output-dir",
    metavar="DIR",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where the project's folder is made.",
)
@click.option("--no-input", is_flag=True, help="Ask nothing.")
@click.option(
    "--into", metavar="PATH", type=click.Path(path_type=Path), help="Add to the project in this folder what it lacks."
)
@click.option(
    "--update",
    metavar="[PATH]",
    is_flag=False,
    flag_value=".",
    type=click.Path(path_type=Path),
    help="Bring the project in this folder (or in the working folder) up to the present template.",
)
@click.option("--yes", is_flag=True, help="Write what --update shows, without asking.")
@click.option("-v", "--verbose", "--traceback", is_flag=True, help="Show whole tracebacks.")
@click.pass_context
def new(ctx: click.Context, /, *, into: Path | None, update: Path | None, verbose: bool, **typed: Any) -> None:
    """Find out which of the jobs is meant, and do it."""
    given = {name: value for name, value in typed.items() if value is not None and value is not False}
    _refuse_mixtures(given, into, update)
    screen = Screen(sys.stderr, Mask(), Loudness(verbose=verbose))
    asks = not given.pop("no_input", False) and can_ask(screen)
    # Also where the terminal is closed at a question: what is temporary is to go.
    with exiting(ctx, screen, None, verbose=verbose), ending_when_told(), _writing():
        if into is not None:
            code = _grow(screen, into, given, asks=asks)
        elif update is not None:
            code = _update(screen, update, is_agreed="yes" in given, asks=asks)
        else:
            output = given.pop("output_dir", Path())
            code = _make(screen, given, output.resolve(), asks=asks)
    ctx.exit(code)


def _refuse_mixtures(given: Mapping[str, Any], into: Path | None, update: Path | None) -> None:
    if into is not None and update is not None:
        raise click.UsageError("One at a time: --into and --update cannot be given together.")
    if update is not None:
        allowed, job = {"yes", "no_input"}, "--update"
    elif into is not None:
        allowed, job = {"ci", "package", "no_input"}, "--into"
    else:
        allowed, job = given.keys() - {"yes"}, "a new project"
    wrong = ["TITLE" if name == "title" else f"--{name.replace('_', '-')}" for name in given if name not in allowed]
    if wrong:
        raise click.UsageError(f"{' and '.join(wrong)} cannot be given with {job}.")


@contextmanager
def _writing() -> Iterator[None]:
    """Tell that a file cannot be written; of a reader of standard output who has gone away, click tells nothing."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as exc:
        where = f" {exc.filename}" if exc.filename else ""
        raise TemplateError(f"Cannot write{where}: {exc.strerror or exc}.") from exc


def _make(screen: Screen, given: Mapping[str, str], output: Path, *, asks: bool) -> int:
    with Template() as template:
        usual = {} if (name := user_name(Path.cwd())) is None else {"author": name}
        if usual and template.problem("author", usual):
            usual = {}
        answers = _asked(screen, template, given, usual, output) if asks else template.completed({**usual, **given})
        project = template.make(answers, output)
    repository = is_in_repository(output)
    show_made(Paper(), project, answers["package"], is_in_repository=repository)
    return 0


def _asked(
    screen: Screen, template: Template, given: Mapping[str, str], usual: Mapping[str, str], output: Path
) -> dict[str, str]:
    """The answers to all questions. What was given is checked before anything is asked."""

    def problem(name: str, answer: str, answers: Mapping[str, str]) -> str | None:
        wrong = template.problem(name, {**answers, name: answer}, output)
        if wrong is None and name == "package" and (target := output / template.project_name(answer)).exists():
            return taken(target)
        return wrong

    problems = [wrong for name, answer in given.items() if (wrong := problem(name, answer, {})) is not None]
    if problems:
        raise TemplateError("No project was made:" + "".join(f"\n  - {each}" for each in problems))
    answers: dict[str, str] = {}
    for question in template.questions:
        name = question.name
        if name in given:
            answers[name] = given[name]
            continue
        default = usual.get(name) or template.default(name, answers)
        answers[name] = ask(screen, question, default, lambda answer, name=name: problem(name, answer, answers))  # type: ignore[misc]
    return answers


def _grow(screen: Screen, project: Path, given: Mapping[str, str], *, asks: bool) -> int:
    project = project.resolve()

    def choose(found: Sequence[Found]) -> Found:
        choices = tuple((each.target, str(each.path.relative_to(project))) for each in found)
        question = Question(name="package", text="Which of these is the data source?", choices=choices)
        answer = ask(screen, question, found[0].target, lambda _: None)
        return next(each for each in found if each.target == answer)

    module = choose_module(project, given.get("package"), choose if asks else None)
    ci = given.get("ci") or usual_ci(project)
    if asks and "ci" not in given and takes_ci(project):
        question = next(each for each in questions() if each.name == "ci")
        ci = ask(screen, question, ci, lambda _: None)
    growth = plan_additions(project, module, ci)
    add(growth)
    show_growth(Paper(), growth)
    return 1 if growth.failed else 0


def _update(screen: Screen, project: Path, *, is_agreed: bool, asks: bool) -> int:
    update = plan_update(project.resolve())
    paper = Paper()
    show_update(paper, update)
    if not update.changes:
        paper.line(f"The project is up to date with the template of SDK {update.notes.sdk}.", "green")
        return 0
    if not is_agreed and not (asks and confirm(screen, "Write this?")):
        paper.line("Nothing was written." if asks else "Nothing was written. With --yes it is.")
        return 1
    apply_update(update)
    show_updated(paper, update)
    return 1 if update.conflicts else 0
