"""`panoply config`: what is typed, and what comes out on which stream. What it shows is the library's to say."""

from __future__ import annotations

import json
import os
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click
from rich.text import Text

from panoply._config_normal import normal_config
from panoply._form import form_of
from panoply._param_shapes import env_names
from panoply.cli._config_view import finding_line, overview, paper, show_findings, show_params_findings, verdict
from panoply.cli._display import Loudness
from panoply.cli._files import read_file
from panoply.cli._form_view import drawn
from panoply.cli._screen import Screen
from panoply.cli._source import exiting, load_with_config
from panoply.cli._streams import own_stdout
from panoply.cli._text import printable
from panoply.config import Config, ConfigFinding, check_config, config_json
from panoply.errors import ConfigError, PanoplyException
from panoply.masking import Mask
from panoply.params import ParamsFinding, check_params, params_example, params_schema

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["config"]

_HELP = """Check a data source's CONFIG, and show it.

MODULE is an importable name (mymod), the folder of a package (./mymod) or a file (./mymod.py).

Without an option: what CONFIG says, what is wrong with it, where, and how to mend it. With one of --json, --schema,
--example and --form that comes on standard output, and nothing else; what is wrong goes to standard error.

No default of a credential is shown. The exit code is 0 if there is no error, 1 if there is one, 2 if CONFIG could not be
looked at.
"""


@click.command("config", help=_HELP, context_settings={"help_option_names": ["-h", "--help"]})
@click.argument("target", metavar="MODULE")
@click.option("--review", is_flag=True, help="Be as strict as a review: warnings are errors.")
@click.option(
    "--params",
    "file",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Check a file for `panoply run --params FILE` as well: JSON, or TOML (FILE.toml).",
)
@click.option("--json", is_flag=True, help="Write CONFIG in JSON, with what may be left out filled in.")
@click.option("--schema", is_flag=True, help="Write the JSON Schema of the source's params, for editors and CI.")
@click.option("--example", is_flag=True, help="Write a params file to fill in, in TOML, with comments.")
@click.option("--form", is_flag=True, help="Draw the form that users fill in, as far as a terminal can show it.")
@click.option("-v", "--verbose", "--traceback", is_flag=True, help="Show whole tracebacks.")
@click.pass_context
def config(
    ctx: click.Context, /, target: str, *, review: bool, file: Path | None, verbose: bool, **outputs: bool
) -> None:
    """Load the module, check its CONFIG, and show what was asked for."""
    asked = [f"--{name}" for name, is_wanted in outputs.items() if is_wanted] + (["--params"] if file else [])
    if len(asked) > 1:
        raise click.UsageError(f"One at a time: {' and '.join(asked)} cannot be given together.")
    output = next((name for name, is_wanted in outputs.items() if is_wanted), None)
    screen = Screen(sys.stderr, Mask(), Loudness(level="info" if verbose else "warning", verbose=verbose))
    with exiting(ctx, screen, None, verbose=verbose), own_stdout() as stdout:
        with screen.capturing():
            raw = load_with_config(target).CONFIG
        findings = check_config(raw, profile="review" if review else "development", picture=True)
        parsed = _parsed(raw)
        of_params = () if file is None or parsed is None else _check_file(parsed, file)
        if output is None:
            with _writing():
                _show(stdout, parsed, findings, file, of_params)
        else:
            for finding in findings:
                if finding.level == "error":
                    screen.line(finding_line(finding), style="red")
            if parsed is not None:
                with _writing():
                    _write(stdout, parsed, raw, output, target)
    is_right = not of_params and all(finding.level == "warning" for finding in findings)
    ctx.exit(0 if is_right else 1)


@contextmanager
def _writing() -> Iterator[None]:
    """Tell that standard output leads to a full disk; of a reader who has gone away, click tells nothing."""
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as exc:
        raise PanoplyException(f"Cannot write to standard output: {exc.strerror}.", retryable=False) from exc


def _parsed(raw: object) -> Config | None:
    """CONFIG, if it can be read; what is wrong with it is told anyhow."""
    try:
        return Config.parse(raw)
    except ConfigError:
        return None


def _check_file(config: Config, file: Path) -> tuple[ParamsFinding, ...]:
    """What is wrong with a params file, but for what the environment overrides when the source is run."""
    envs = env_names(param.name for param in config.params)
    elsewhere = {name for name, env in envs.items() if env in os.environ}
    findings = check_params(config, read_file(file))
    return tuple(finding for finding in findings if finding.path.partition("[")[0] not in elsewhere)


def _show(
    stdout: BinaryIO,
    config: Config | None,
    findings: tuple[ConfigFinding, ...],
    file: Path | None,
    of_params: tuple[ParamsFinding, ...],
) -> None:
    with paper(stdout) as console:
        if config is not None:
            console.print(*overview(config), sep="\n")
            console.print()
        show_findings(console, findings)
        console.print(Text(f"CONFIG: {verdict(findings)}.", style=_style(findings)))
        if file is not None and config is not None:
            show_params_findings(console, file.name, of_params)
            console.print(Text(f"{printable(file.name)}: {verdict(of_params)}.", style=_style(of_params)))
        elif file is not None:
            console.print(Text(f"{printable(file.name)} was not looked at: CONFIG has to be mended first."))


def _style(findings: tuple[ConfigFinding | ParamsFinding, ...]) -> str:
    if not findings:
        return "green"
    return "red" if any(getattr(finding, "level", "error") == "error" for finding in findings) else "yellow"


def _write(stdout: BinaryIO, config: Config, raw: object, output: str, target: str) -> None:
    """Write one of the things that are asked for by an option."""
    if output == "form":
        with paper(stdout) as console:
            for part in drawn(form_of(config), console.width):
                console.print(part)
        return
    if output == "example":
        text = params_example(config, module=target)
    else:
        value = params_schema(config) if output == "schema" else normal_config(config_json(raw))
        text = json.dumps(value, indent=2) + "\n"
    stdout.write(text.encode("utf-8", "replace"))
    stdout.flush()
