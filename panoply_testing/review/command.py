"""`panoply review`: what is typed, and what comes out on which stream. What there is to find is the library's to say."""

from __future__ import annotations

import signal
import sys
from contextlib import nullcontext
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click
from rich.console import Console

from panoply._interrupts import Terminated, ending_when_told
from panoply.cli._config_view import paper
from panoply.errors import MissingExtra, PanoplyException
from panoply_testing.review.formats import FORMATS, rendered
from panoply_testing.review.formats._words import summary
from panoply_testing.review.formats.text import draw, draw_list, draw_rule
from panoply_testing.review.model import CannotReview

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from panoply_testing.review.model import Review

__all__ = ["command"]

# What the extra brings. One of them missing: all of it is told.
_NEEDED: Final = ("build", "coverage", "detect_secrets", "packaging", "pytest")

_HELP: Final = """Tell whether a source project is ready to be handed in, and what to mend if not.

PATH is the folder of the project, the one with pyproject.toml; by default, this one.

What is looked at: the data source contract and the project's own tests, dependencies, the package that is built, git and its
tags, CONFIG. Each finding names the rule that it breaks, the place, and what to do. `--list` shows all rules, `--explain RULE`
one of them.

\b
To ignore a rule, say why in pyproject.toml; the report shows the reason:
    [tool.panoply.review]
    ignore = { rule_name = "the reason" }

Nothing in PATH is changed. The project's code runs in processes of its own, on a copy, with a time limit, without the variables
of this environment, and without a network but for this machine. It can import what it declares, and nothing else.

The exit code is 0 if the project is ready, 1 if there are findings, 2 if it could not be reviewed: what has to hold and could
not be checked counts as neither kept nor broken.
"""


def _names(_ctx: click.Context, _param: click.Parameter, given: tuple[str, ...]) -> tuple[str, ...]:
    """Names that were given one by one, or with commas between them."""
    return tuple(name.strip() for each in given for name in each.split(",") if name.strip())


_FORMS: Final = "; ".join(f"{name}: {about}" for name, (_, about) in FORMATS.items())


@click.command("review", help=_HELP, context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("path", metavar="[PATH]", default=".", type=click.Path(path_type=Path))
@click.option(
    "--only", metavar="RULE", multiple=True, callback=_names, help="Look at this rule, or group of rules, only."
)
@click.option(
    "--ignore",
    metavar="RULE",
    multiple=True,
    callback=_names,
    help="Leave out this rule, or group of rules, this once. Both can be given more than once, or with commas.",
)
@click.option("--format", "form", type=click.Choice(list(FORMATS)), default="text", help=f"How to write it: {_FORMS}.")
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Write it to a file; the terminal then shows the verdict.",
)
@click.option(
    "--baseline",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Report only what is new since an earlier review, which was written with --format json.",
)
@click.option(
    "--thorough",
    is_flag=True,
    help="Take minutes: also break the source in small ways, repeat its tests under other circumstances, and ask for known "
    "security holes in what it needs.",
)
@click.option(
    "--install",
    is_flag=True,
    help="Fetch what the project declares from the package index, for this review alone, instead of using what is installed here. "
    "Only wheels are fetched: nothing of them is run by that.",
)
@click.option("--explain", metavar="RULE", help="Say what a rule asks for, why, and what to do; review nothing.")
@click.option("--list", "wants_list", is_flag=True, help="List all rules; review nothing.")
@click.pass_context
def command(  # noqa: PLR0913 - what can be typed
    ctx: click.Context,
    /,
    path: Path,
    *,
    only: tuple[str, ...],
    ignore: tuple[str, ...],
    form: str,
    output: Path | None,
    baseline: Path | None,
    thorough: bool,
    install: bool,
    explain: str | None,
    wants_list: bool,
) -> None:
    """Review a project, or tell of the rules."""
    try:
        if any(find_spec(name) is None for name in _NEEDED):
            raise MissingExtra("review", "panoply review")
        if wants_list or explain is not None:
            _tell(explain)
            return
        with ending_when_told(), _busy(path):
            from panoply_testing.review._review import review  # noqa: PLC0415 - what it needs is an extra

            done = review(
                path,
                only=only,
                ignore=ignore,
                baseline=baseline,
                dossier=form == "html",
                thorough=thorough,
                install=install,
            )
        _write(done, form, output)
    except PanoplyException as exc:
        click.echo(f"Error: {exc}", err=True)
        ctx.exit(2)
    except KeyboardInterrupt as exc:
        click.echo("Interrupted.", err=True)
        ctx.exit(128 + (exc.number if isinstance(exc, Terminated) else signal.SIGINT))
    ctx.exit(done.exit_code)


def _tell(name: str | None) -> None:
    from panoply._spelling import did_you_mean  # noqa: PLC0415 - only now
    from panoply_testing.review.families import every_rule  # noqa: PLC0415 - likewise

    rules = {rule.name: rule for rule in every_rule()}
    if name is not None and name not in rules:
        raise CannotReview(f"There is no rule {name!r}. {did_you_mean(name, rules) or 'See panoply review --list.'}")
    with paper(sys.stdout.buffer) as console:
        if name is None:
            draw_list(rules.values(), console)
        else:
            draw_rule(rules[name], console)


def _busy(path: Path) -> AbstractContextManager[object]:
    """Show that something goes on, where somebody looks on."""
    if not sys.stderr.isatty():
        return nullcontext()
    return Console(stderr=True).status(f"Reviewing {path.resolve().name}: its tests and the contract take longest ...")


def _write(review: Review, form: str, output: Path | None) -> None:
    if output is not None:
        try:
            output.parent.mkdir(parents=True, exist_ok=True)
            output.write_text(rendered(review, form), encoding="utf-8")
        except OSError as exc:
            raise CannotReview(f"{output}: cannot be written: {exc.strerror}.") from exc
        click.echo(summary(review))
    elif form == "text":
        with paper(sys.stdout.buffer) as console:
            draw(review, console)
    else:
        sys.stdout.buffer.write(rendered(review, form).encode("utf-8", "replace"))
        sys.stdout.buffer.flush()
