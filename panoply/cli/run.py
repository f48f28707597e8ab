"""`panoply run`: what happens between the command line and the runner.

What can be typed is in `_options` and `_command`, where values come from in `_params`, what a run does in `panoply.runner`, and
what is seen of it in `_screen` and `_events`.
"""

from __future__ import annotations

import faulthandler
import io
import os
import signal
import stat
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO

import click

from panoply._hiding import known_credentials
from panoply._interrupts import ENDING, Terminated, ending_when_told
from panoply._param_shapes import is_filled
from panoply._run_result import DELIVERING
from panoply.cli._choices import find_param, resolve
from panoply.cli._choosing import Chooser
from panoply.cli._command import Collect
from panoply.cli._events import Events
from panoply.cli._failures import failure_facts, failure_lines
from panoply.cli._files import read_file
from panoply.cli._flags import Flag, flags
from panoply.cli._options import HELP_NAMES, Options, module_in, taken_flags
from panoply.cli._params import Given, Typed, given, lacking, misfits, missing
from panoply.cli._prompt import ask, can_ask
from panoply.cli._screen import Screen
from panoply.cli._source import exiting, load_with_config
from panoply.cli._streams import own_stderr, own_streams
from panoply.config import Config
from panoply.errors import ConfigError, ParamsError
from panoply.masking import Mask, credentials
from panoply.runner import RunResult, Target, is_credential
from panoply.runner import run as collect

if TYPE_CHECKING:
    from collections.abc import Sequence
    from types import ModuleType

    from panoply.cli._display import Display

__all__ = ["run"]

_HELP = """Collect from a data source, as the platform would.

MODULE is an importable name (mymod), the folder of a package (./mymod) or a file (./mymod.py). It comes before its params;
`panoply run MODULE --help` shows them.

Records are written as JSON lines on standard output unless `--to` says otherwise, everything else on standard error. The exit
code is 0 if the source was read to its end or to the --limit and everything was delivered, 1 if not, 2 if the run could not
begin, 130 after Ctrl-C, 143 after SIGTERM.

\b
  panoply run mymod --params params.json --to out.duckdb
  panoply run mymod --params params.json --limit 10
  panoply run mymod --choose tables
"""

_EPILOG = """A param is looked for as a flag, as --param, in the file of a flag such as --token-file, in the environment, in the
file that the environment names (PANOPLY_PARAM_TOKEN_FILE), in the file of --params and in CONFIG's default, in this order; in a
terminal you are asked for what is still missing. A list is given by repeating its flag, or as JSON: '["a", "b"]'. Give a
credential by the environment or a file: a command line can be read by everybody on the machine.
"""


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
    target = module_in(words)
    asked = Options.glance([word for word in words if word != target])
    stream, mask = own_stderr(), Mask()
    display: Display = (Events if asked.json else Screen)(stream, mask, asked.loudness)
    if stream is not sys.stderr and not asked.json:
        # What a crash in C code writes to the usual place would get lost on its way; this tells at least where it was.
        faulthandler.enable(stream)
    try:
        if target is None:
            _without_module(ctx, words)
        else:
            rest = list(words)
            rest.remove(target)
            _Running(ctx, display, target).go(rest)
    except click.ClickException as exc:
        if not asked.json:
            raise
        display.error([exc.format_message()])
        display.end(exc.exit_code)
        ctx.exit(exc.exit_code)
    except click.exceptions.Exit as exc:
        if not asked.json or exc.exit_code:
            display.end(exc.exit_code)
        raise


def _without_module(ctx: click.Context, words: Sequence[str]) -> None:
    command = Collect("MODULE", (), help=_HELP, epilog=_EPILOG, options_metavar="MODULE [--PARAM VALUE ...] [OPTIONS]")
    with command.make_context("run", ["--help"] if not words else [], parent=ctx.parent, **HELP_NAMES) as inner:
        if not {"-h", "--help"}.isdisjoint(words):
            click.echo(command.get_help(inner))
            ctx.exit()
        raise click.UsageError("There is no MODULE, or it does not come before the flags of its params.", inner)


@dataclass(slots=True)
class _Running:
    """One call of the command."""

    ctx: click.Context
    display: Display
    target: str

    def go(self, words: Sequence[str]) -> None:
        """Load, parse, and do what is asked; ends with the exit code."""
        display, verbose = self.display, self.display.loudness.verbose
        with exiting(self.ctx, display, None, verbose=verbose), own_streams(display.printed), display.capturing():
            module = load_with_config(self.target)
            config = self._config(module.CONFIG)
        flagged = flags(config.params, taken_flags())
        command = Collect(
            module.__name__,
            flagged,
            help=f"Collect from {config.title}, as the platform would.",
            epilog=_EPILOG,
            options_metavar="[--PARAM VALUE ...] [OPTIONS]",
        )
        options, typed, exposed = command.read(self.target, words, self.ctx.parent)
        with exiting(self.ctx, display, module, verbose=verbose):
            code = _Job(module, config, flagged, options, typed, display).do(exposed)
        display.end(code)
        self.ctx.exit(code)

    def _config(self, raw: object) -> Config:
        """CONFIG, as far as a run needs it: nobody looks at the icon here."""
        try:
            return Config.parse(raw)
        except ConfigError as exc:
            config = Config.parse(raw, to_run=True)
            self.display.warning(str(exc))
            return config


@dataclass(slots=True)
class _Job:
    """What is to be done with a source."""

    module: ModuleType
    config: Config
    flagged: Sequence[Flag]
    options: Options
    typed: Typed
    display: Display

    @property
    def name(self) -> str:
        return self.module.__name__.rpartition(".")[2]

    def do(self, exposed: Sequence[str]) -> int:
        """Put the params together, and collect or list; the exit code."""
        options, display, mask = self.options, self.display, self.display.mask
        mask.add(value for value in (options.apikey, options.apisecret) if value)
        chooser = None if options.choose is None else Chooser(self.config, options.choose)
        known = {} if options.file is None else read_file(options.file)
        offered = {} if options.offers is None else read_file(options.offers, "options file")
        for name in ("logger", "hide"):
            offered.pop(name, None)  # functions, which no file holds
        found = given(self.flagged, typed=self.typed, environ=os.environ, file=known)
        mask.add(credentials(found.values, is_credential(self.module)))
        mask.add(known_credentials(found.values, self.module.CONFIG))
        mask.add(credentials(offered, is_credential(self.module)))
        for warning in (*map(_exposed, exposed), *found.warnings, *misfits(self.config, found.values, known)):
            display.warning(warning)
        # The platform does so, and published sources rely on it: they write `source["destination"] = source["type"]`.
        found.values.setdefault("type", self.name)
        display.title = self.name
        with own_streams(display.printed) as stdout, display.capturing():
            if chooser is not None:
                return self._list(chooser, found, offered, stdout)
            given_before = dict(found.values)
            result = self._collect(found, offered, stdout)
        # By now a child process has had its last word.
        self._report(result)
        renewed = [name for name in given_before if _is_renewed(name, given_before[name], found.values.get(name))]
        if renewed:
            display.warning(
                f"The far end has replaced what was given for {' and '.join(renewed)}, and the new one is kept nowhere: if it "
                "takes each only once, the next run is refused until the account is connected again."
            )
        if result.interrupted:
            told = [failure.error.number for failure in result.failures if isinstance(failure.error, Terminated)]
            return 128 + (told or [signal.SIGINT])[0]
        return 0 if result.ok else 1

    def _list(self, chooser: Chooser, found: Given, offered: dict[str, Any], stdout: BinaryIO) -> int:
        offers = {**offered, "logger": self._log}
        lacking = chooser.lacking(self.flagged, found.values)
        if lacking and not self._asked(lacking, found, offers):
            raise chooser.refusal(lacking)
        try:
            with self.display.bar(waiting=f"asking for the values of {chooser.param.name}"):
                choices = chooser.ask(found, offers, self.display.warning)
        except ParamsError:
            raise
        except (Exception, SystemExit) as exc:  # noqa: BLE001 - it is foreign code
            chooser.failed(exc, self.module, self.display)
            return 1
        chooser.write(choices, stdout, self.display, as_json=self.options.json)
        return 0

    def _collect(self, found: Given, offered: dict[str, Any], stdout: BinaryIO) -> RunResult:
        options, display, params = self.options, self.display, found.values
        without = lacking(self.flagged, params)
        offers = {**offered, "logger": self._log}
        if without and not self._asked(without, found, offers):
            raise ParamsError(missing(without))
        resolve(params, found.texts, self.config.params, offers, display.warning)
        split = self._split(params)
        display.start({"module": self.module.__name__, "target": options.target, "params": sorted(params)})
        target = Target(
            name=options.target,
            apikey=options.apikey,
            apisecret=options.apisecret,
            endpoint_url=options.endpoint_url,
            stdout=stdout,
        )
        with ending_when_told(), display.bar(wanted=options.target != "-" or _is_kept(stdout)):
            return collect(
                self.module,
                params,
                offered,
                to=target,
                state=options.state,
                batch_size=options.batch_size,
                limit=options.limit,
                timeout=options.timeout,
                split=split,
                workers=options.workers,
                engine=options.engine,
                observer=display,
                mask=display.mask,
                stuck=self._stuck,
            )

    def _split(self, params: dict[str, Any]) -> str | None:
        """The param that the run is to be split by.

        Raises:
            ParamsError: there is no such param, or nothing is chosen for it.
        """
        name = self.options.split
        if name is None:
            if self.options.workers is not None or self.options.engine is not None:
                raise ParamsError("--workers and --engine read the parts of a run side by side: add --split PARAM.")
            return None
        if is_filled(params.get(name)):
            return name
        param = find_param(self.config, name)
        if is_filled(params.get(param.name)):
            return param.name
        flag = next(each for each in self.flagged if each.param is param)
        hint = f" `--choose {param.name}` lists what there is." if param.values is not None else ""
        raise ParamsError(
            f"The run cannot be split by {param.name!r}: nothing is chosen for it. Give {flag.ways}.{hint}"
        )

    def _stuck(self, result: RunResult, number: int) -> None:
        """End the process although the source still runs. What was read is delivered by now."""
        code = 128 + number if number in (signal.SIGINT, *ENDING) else 1
        self._report(result)
        self.display.end(code)
        # Not sys.exit(): that would wait for the source.
        os._exit(code)

    def _asked(self, without: Sequence[Flag], found: Given, offers: dict[str, Any]) -> bool:
        """Ask for what is missing, if somebody is there to be asked."""
        if self.options.no_input or not isinstance(self.display, Screen) or not can_ask(self.display):
            return False
        # What was typed for other params may be needed to tell what there is to choose.
        ask(self.display, without, found.values, offers)
        return True

    def _report(self, result: RunResult) -> None:
        verbose = self.display.loudness.verbose
        told: list[list[str]] = []
        reasons: set[tuple[type, str]] = set()
        for failure in result.failures:
            reason = type(failure.error), str(failure.error)
            # What a target refuses in mid-run, it refuses again when the rest is delivered.
            if failure.during == DELIVERING and reason in reasons and not verbose:
                continue
            reasons.add(reason)
            lines = failure_lines(failure, self.module, full=verbose)
            # A reader who has gone away is noticed by each write.
            if lines not in told:
                told.append(lines)
                facts = failure_facts(failure, self.module, full=verbose)
                self.display.error(lines, facts, stopped=result.interrupted)
        self.display.summary(
            result, self.options.target, None if self.options.state is None else str(self.options.state)
        )

    def _log(self, *msgs: object) -> None:
        """The logger that a function which gives choices gets; as in a run, it is called with one tuple."""
        parts = msgs[0] if len(msgs) == 1 and isinstance(msgs[0], tuple) else msgs
        self.display.log(self.display.mask.apply(" ".join(map(str, parts))))


def _is_kept(stdout: BinaryIO) -> bool:
    """Whether records go there without being seen. In a terminal, and what `| head` or `| jq` shows of them, they would be
    written into the bar; and they show well enough that something goes on.
    """
    try:
        return not stdout.isatty() and not stat.S_ISFIFO(os.fstat(stdout.fileno()).st_mode)
    except io.UnsupportedOperation:  # a stand-in within this process
        return True


def _is_renewed(name: str, before: object, after: object) -> bool:
    """Whether a token was used up, with which others are had. A new access token does no harm: the next run gets another."""
    return "refresh" in name.lower() and isinstance(before, str) and bool(before) and before != after


def _exposed(flag: str) -> str:
    return (
        f"{flag} puts a credential on the command line, where everybody on this machine can read it, and into the shell's "
        "history. Give it by the environment variable PANOPLY_API_SECRET."
    )
