"""`panoply run`: its flags, which come from the source's CONFIG, and what happens between the command line and the runner.

What a run does is `panoply.runner`'s business, what is seen of it `_screen`'s.
"""

from __future__ import annotations

import logging
import os
import re
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from panoply._hiding import known_credentials
from panoply._param_shapes import is_bool, is_several, shown_default
from panoply.cli._failures import failure_lines, summary
from panoply.cli._params import Flag, choose, flags, given, missing, read_file
from panoply.cli._screen import Screen
from panoply.cli._source import exiting, load_with_config, own_stdout
from panoply.config import Config, Param
from panoply.errors import ParamsError
from panoply.masking import Mask, credentials
from panoply.runner import BATCH_SIZE, Failure, RunResult, is_credential
from panoply.runner import run as collect
from panoply.sinks import Sink, open_sink

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import ModuleType

__all__ = ["run"]

_HELP = """Collect from a data source, as the platform would.

MODULE is an importable name (mymod), the folder of a package (./mymod) or a file (./mymod.py). It comes before its params;
`panoply run MODULE --help` shows them.

Records are written as JSON lines on standard output, everything else on standard error. The exit code is 0 if the source
was read to its end and everything was delivered, 1 if the run failed, 2 if it could not begin, 130 if it was interrupted.
"""

_EPILOG = """A value is looked for as a flag, as --param, in the environment, in the file of --params and in CONFIG's default,
in this order. A list is given by repeating its flag, or as JSON: '["a", "b"]'. Give a credential by its environment variable: a command line can be read by everybody on the machine.
"""


_HELP_NAMES: dict[str, Any] = {"help_option_names": ["-h", "--help"]}


def _own_options() -> list[click.Parameter]:
    """The options that `panoply run` has whatever the source is."""
    return [
        click.Option(
            ["--params", "file"],
            metavar="FILE",
            type=click.Path(path_type=Path),
            help="Read params from a JSON object or a TOML file (FILE.toml).",
        ),
        click.Option(
            ["--param", "pairs"],
            metavar="NAME=VALUE",
            multiple=True,
            help="Set any param, also one that the platform adds, such as destination. May be repeated.",
        ),
        click.Option(
            ["--to", "target"],
            metavar="TARGET",
            default="-",
            show_default=True,
            help="Where the records go: `-` for standard output, FILE.jsonl, or sqs for Panoply's queue. "
            "FILE.jsonl is called FILE.jsonl.part until the run has succeeded.",
        ),
        click.Option(
            ["--batch-size"],
            metavar="N",
            type=click.IntRange(min=1),
            default=BATCH_SIZE,
            help=f"How many records read() is asked for.  [default: {BATCH_SIZE}]",
        ),
        click.Option(
            ["--panoply-api-key", "apikey"],
            metavar="KEY",
            envvar="PANOPLY_API_KEY",
            show_envvar=True,
            help="For --to sqs: Panoply's API key.",
        ),
        click.Option(
            ["--panoply-api-secret", "apisecret"],
            metavar="SECRET",
            envvar="PANOPLY_API_SECRET",
            show_envvar=True,
            help="For --to sqs: its secret; better given by the environment.",
        ),
        click.Option(
            ["--endpoint-url"],
            metavar="URL",
            help="For --to sqs: another SQS than Amazon's. AWS_ENDPOINT_URL works too.",
        ),
        click.Option(
            ["-v", "--verbose", "--traceback", "verbose"],
            is_flag=True,
            help="Show whole tracebacks, and what libraries log at level INFO.",
        ),
    ]


class _Collect(click.Command):
    """`panoply run` of one module: its own options and those of the source, each under a heading of its own."""

    def __init__(self, module: str, flagged: Sequence[Flag], **settings: Any) -> None:
        self.module = module
        self.flagged = flagged
        self.own = _own_options()
        self.sources = [_option(index, flag) for index, flag in enumerate(flagged) if flag.names]
        super().__init__("run", params=[*self.sources, *self.own], **settings)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        flags_of_others = [flag for flag in self.flagged if not flag.names]
        for title, rows in (
            (f"Params of {self.module}", _rows(self.sources, ctx)),
            ("Params whose flags mean something else here", [(flag.usage, _help(flag)) for flag in flags_of_others]),
            ("Options", _rows([*self.own, self.get_help_option(ctx)], ctx)),
        ):
            if rows:
                with formatter.section(title):
                    formatter.write_dl(rows)


@click.command(
    "run",
    # The flags of a source are known when it is loaded; here they are only collected.
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
    add_help_option=False,
    help=_HELP,
)
@click.argument("words", nargs=-1, type=click.UNPROCESSED)
@click.pass_context
def run(ctx: click.Context, words: tuple[str, ...]) -> None:
    """Find the module among the words, and hand the others to a command that knows its flags."""
    target = _module_in(words)
    if target is None:
        command = _Collect(
            "MODULE", (), help=_HELP, epilog=_EPILOG, options_metavar="MODULE [--PARAM VALUE ...] [OPTIONS]"
        )
        with command.make_context("run", ["--help"] if not words else [], parent=ctx.parent, **_HELP_NAMES) as inner:
            if not {"-h", "--help"}.isdisjoint(words):
                click.echo(command.get_help(inner))
                ctx.exit()
            raise click.UsageError("There is no MODULE, or it does not come before the flags of its params.", inner)
    rest = list(words)
    rest.remove(target)
    verbose = not {"-v", "--verbose", "--traceback"}.isdisjoint(rest)
    mask = Mask()
    screen = Screen(sys.stderr, mask, verbose=verbose)
    with exiting(ctx, screen, None, verbose=verbose), screen.capturing(logging.INFO if verbose else logging.WARNING):
        module = load_with_config(target)
        config = Config.parse(module.CONFIG)
    flagged = flags(config.params, _taken())
    command = _Collect(
        module.__name__,
        flagged,
        help=f"Collect from {config.title}, as the platform would.",
        epilog=_EPILOG,
        options_metavar="[--PARAM VALUE ...] [OPTIONS]",
    )
    with command.make_context(f"run {target}", rest, parent=ctx.parent, allow_extra_args=True, **_HELP_NAMES) as inner:
        if inner.args:
            # Not quoted: it may be the second half of a password.
            raise click.UsageError(
                f"{len(inner.args)} of the words belong to no flag. Quote values that hold spaces.", inner
            )
        chosen = dict(inner.params)
    typed = {flag.param.name: _texts(chosen.pop(f"param_{index}", None)) for index, flag in enumerate(flagged)}
    with exiting(ctx, screen, module, verbose=verbose):
        code = _run(module, flagged, typed, screen, mask, **chosen)
    ctx.exit(code)


def _run(  # noqa: PLR0913 - one for each option
    module: ModuleType,
    flagged: Sequence[Flag],
    typed: dict[str, list[str]],
    screen: Screen,
    mask: Mask,
    *,
    file: Path | None,
    pairs: tuple[str, ...],
    target: str,
    batch_size: int,
    apikey: str | None,
    apisecret: str | None,
    endpoint_url: str | None,
    verbose: bool,
) -> int:
    """Collect; the exit code."""
    mask.add(value for value in (apikey, apisecret) if value)
    known = {} if file is None else read_file(file)
    found = given(flagged, typed=typed, pairs=pairs, environ=os.environ, file=known)
    params = found.values
    mask.add(credentials(params, is_credential(module)) | known_credentials(params, module.CONFIG))
    for warning in found.warnings:
        screen.line(f"Warning: {warning}", style="yellow")
    lacking = missing(flagged, params)
    if lacking is not None:
        raise ParamsError(lacking)
    name = module.__name__.rpartition(".")[2]
    # The platform does so, and published sources rely on it: they write `source["destination"] = source["type"]`.
    params.setdefault("type", name)
    screen.title = name
    level = logging.INFO if verbose else logging.WARNING
    with own_stdout() as stdout, screen.capturing(level):
        for flag in flagged:
            if flag.param.name in found.texts:
                params[flag.param.name] = _choose(flag.param, found.texts[flag.param.name], params)
        sink = open_sink(target, apikey=apikey, apisecret=apisecret, endpoint_url=endpoint_url, stdout=stdout)
        # Records that scroll through the same terminal show well enough that something goes on.
        with screen.bar(wanted=target != "-" or not stdout.isatty()):
            result = _and_close(
                sink,
                lambda: collect(module, params, sink=sink, batch_size=batch_size, observer=screen, mask=mask),
            )
    _report(result, module, screen, target, verbose=verbose)
    if result.interrupted:
        return 130
    return 0 if result.ok else 1


def _and_close(sink: Sink, running: Callable[[], RunResult]) -> RunResult:
    """Run, and close the sink; what goes wrong in that belongs to the result."""
    try:
        result = running()
    except BaseException:
        sink.close(complete=False)
        raise
    try:
        sink.close(complete=result.finished)
    except (Exception, KeyboardInterrupt) as exc:  # noqa: BLE001 - reported with the rest
        failure = Failure(during="delivering records", error=exc)
        return replace(result, delivered=False, failures=(*result.failures, failure))
    return result


def _report(result: RunResult, module: ModuleType, screen: Screen, target: str, *, verbose: bool) -> None:
    told: list[list[str]] = []
    for failure in result.failures:
        lines = failure_lines(failure, module, full=verbose)
        # A reader who has gone away is noticed by each write.
        if lines not in told:
            told.append(lines)
            screen.line("\n".join(lines), style="yellow" if result.interrupted else "red")
    screen.line(summary(result, target), style="green" if result.ok else "red")
    if any(line.startswith("Error") for lines in told for line in lines) and not verbose:
        screen.line("With -v the whole traceback is shown.", style="dim")


def _rows(options: Sequence[click.Parameter | None], ctx: click.Context) -> list[tuple[str, str]]:
    return [row for option in options if option is not None and (row := option.get_help_record(ctx)) is not None]


def _module_in(words: Sequence[str]) -> str | None:
    """The first word that is no option and no option's value; the source's own options can only come after it."""
    with_value = {name for option in _own_options() if not getattr(option, "is_flag", False) for name in option.opts}
    skip = False
    for word in words:
        if skip:
            skip = False
        elif word in with_value:
            skip = True
        elif word in {"-h", "--help", "-v", "--verbose", "--traceback"} or word.partition("=")[0] in with_value:
            continue
        elif word.startswith("-") and word != "-":
            return None
        else:
            return word
    return None


def _taken() -> frozenset[str]:
    return frozenset({"--help"}.union(*(option.opts for option in _own_options())))


def _option(index: int, flag: Flag) -> click.Option:
    name = f"param_{index}"
    if is_bool(flag.param):
        declared = "/".join(name for name in (flag.names[0], flag.negative) if name)
        return click.Option([declared, *flag.names[1:], name], is_flag=True, default=None, help=_help(flag))
    return click.Option([*flag.names, name], multiple=True, metavar=_metavar(flag.param), help=_help(flag))


def _metavar(param: Param) -> str:
    if isinstance(param.values, tuple) and 0 < len(param.values) <= 6:
        return "|".join(str(choice.value) for choice in param.values)
    return "NUMBER" if param.type == "number" else "VALUE"


def _help(flag: Flag) -> str:
    param = flag.param
    text = _plain(param.help or param.description)
    sentences = [param.title, text] if text.lower() != param.title.lower() else [param.title]
    words = " ".join(f"{sentence.rstrip('.')}." for sentence in sentences if sentence)
    marks = []
    if is_several(param):
        words += " May be repeated."
    if param.required:
        marks.append("required")
    if param.hidden:
        marks.append("not in the form")
    if shown_default(param) is not None:
        marks.append(f"default: {param.default}")
    marks.append(f"env: {flag.env}")
    return f"{words} [{'; '.join(marks)}]".strip()


def _plain(markdown: str) -> str:
    """Markdown as plain text in one line."""
    text = re.sub(
        r"!?\[([^\]]*)\]\(([^)\s]*)[^)]*\)", lambda link: f"{link[1]} ({link[2]})" if link[1] else link[2], markdown
    )
    text = re.sub(r"<[^<>]+>", "", text)
    text = re.sub(r"(?m)^\s{0,3}(?:#{1,6}|>|[-*+])\s+", "", text)
    text = re.sub(r"(\*\*|__|`+|\*)(\S(?:.*?\S)?)\1", r"\2", text)
    return " ".join(text.split())


def _texts(value: object) -> list[str]:
    if value is None:
        return []
    return [str(value).lower()] if isinstance(value, bool) else list(value)  # type: ignore[call-overload]


def _choose(param: Param, texts: Sequence[str], params: dict[str, Any]) -> list[Any]:
    """The chosen values, in the shape in which CONFIG, or its function, offers them."""
    if param.values is None:
        return list(texts)
    if isinstance(param.values, tuple):
        return choose(param, texts, [choice.offered for choice in param.values])
    try:
        offered = list(param.call_values(params, {}))
    except Exception as exc:
        raise ParamsError(
            f"The function that gives the values of {param.name!r} failed. Give it as JSON instead: "
            f"--{param.name} '[\"...\"]', in the shape that the source expects."
        ) from exc
    return choose(param, texts, offered)
