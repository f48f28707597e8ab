"""The options that `panoply run` has whatever the source is: what can be typed, under which heading, and as what it arrives.

A new one gets a line in `option_groups` and a field in `Options`.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import click

from panoply.cli._display import LEVELS, Level, Loudness
from panoply.runner import BATCH_SIZE

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["HELP_NAMES", "Options", "module_in", "option_groups", "own_options", "taken_flags"]

HELP_NAMES: dict[str, Any] = {"help_option_names": ["-h", "--help"]}


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What was asked for by these options. The names are those that `option_groups` declares."""

    file: Path | None = None
    pairs: tuple[str, ...] = ()
    offers: Path | None = None
    choose: str | None = None
    no_input: bool = False
    target: str = "-"
    batch_size: int = BATCH_SIZE
    state: Path | None = None
    limit: int | None = None
    timeout: float | None = None
    split: str | None = None
    workers: int | None = None
    engine: str | None = None
    apikey: str | None = None
    apisecret: str | None = None
    endpoint_url: str | None = None
    log_level: Level | None = None
    verbose: bool = False
    quiet: bool = False
    json: bool = False

    @classmethod
    def read(cls, chosen: Mapping[str, Any]) -> Self:
        """Take them out of what click has parsed."""
        known = {field.name for field in fields(cls)}
        return cls(**{name: value for name, value in chosen.items() if name in known and value is not None})

    @classmethod
    def glance(cls, words: Sequence[str]) -> Self:
        """What these words ask for, as far as it can be told before the source's flags are known. Raises nothing."""
        command = click.Command("run", params=[*own_options()], add_help_option=False)
        settings: dict[str, Any] = {"resilient_parsing": True, "ignore_unknown_options": True, "allow_extra_args": True}
        with command.make_context("run", list(words), **settings) as ctx:
            return cls.read(ctx.params)

    @property
    def loudness(self) -> Loudness:
        """How much is to be shown."""
        return Loudness(
            level=self.log_level or ("info" if self.verbose else "warning"), quiet=self.quiet, verbose=self.verbose
        )


def option_groups() -> tuple[tuple[str, list[click.Option]], ...]:
    """The options, each group with the heading that `--help` shows it under."""
    return (
        (
            "Where params come from",
            [
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
                    ["--options", "offers"],
                    metavar="FILE",
                    type=click.Path(path_type=Path),
                    help="What the source gets as its options besides a logger, from a JSON or TOML file: "
                    '{"refresh": {"client_id": ...}} for OAuth.',
                ),
                click.Option(
                    ["--choose"],
                    metavar="PARAM",
                    help="List what the source offers for this param, and collect nothing.",
                ),
                click.Option(["--no-input"], is_flag=True, help="Never ask for what is missing."),
            ],
        ),
        (
            "Where records go",
            [
                click.Option(
                    ["--to", "target"],
                    metavar="TARGET",
                    default="-",
                    show_default=True,
                    help="Where the records go: `-` (JSON lines on standard output), FILE.jsonl or FILE.jsonl.gz (the same "
                    "in a file, called FILE.jsonl.part until the run has succeeded), FILE.duckdb or FILE.sqlite (the tables "
                    "that users will get, updated by each run), FILE.parquet (a file for each table), or sqs (Panoply).",
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
            ],
        ),
        (
            "How it is read",
            [
                click.Option(
                    ["--batch-size"],
                    metavar="N",
                    type=click.IntRange(min=1),
                    default=BATCH_SIZE,
                    help=f"How many records read() is asked for.  [default: {BATCH_SIZE}]",
                ),
                click.Option(
                    ["--limit"],
                    metavar="N",
                    type=click.IntRange(min=1),
                    help="Collect N records at most, and call that a success.",
                ),
                click.Option(
                    ["--timeout"],
                    metavar="SECONDS",
                    type=click.FloatRange(min=0, min_open=True),
                    help="End the run after so many seconds, also a read() that hangs. What was read until then is delivered.",
                ),
                click.Option(
                    ["--state"],
                    metavar="FILE",
                    type=click.Path(path_type=Path),
                    help="Go on from the state in FILE, and keep there how far the delivered records bring the source: a run "
                    "that ends early, or is killed, is gone on with by running it again. Files that records go to are added to.",
                ),
            ],
        ),
        (
            "Side by side",
            [
                click.Option(
                    ["--split"],
                    metavar="PARAM",
                    help="Collect each value of this param, which takes a list, by a source of its own.",
                ),
                click.Option(
                    ["--workers"],
                    metavar="N",
                    type=click.IntRange(min=1),
                    help="With --split: how many at a time, each in a process.  [default: one for each processor]",
                ),
                click.Option(
                    ["--engine"],
                    metavar="dask://HOST:PORT",
                    help="With --split: read them on the Dask cluster with this scheduler.",
                ),
            ],
        ),
        (
            "What is shown",
            [
                click.Option(
                    ["--log-level"],
                    metavar="|".join(LEVELS),
                    type=click.Choice(LEVELS, case_sensitive=False),
                    help="Show what libraries log from this level on, and what the source itself logs unless it is "
                    "error.  [default: warning; with -v info]",
                ),
                click.Option(
                    ["-v", "--verbose", "--traceback", "verbose"], is_flag=True, help="Show whole tracebacks, and more."
                ),
                click.Option(["-q", "--quiet"], is_flag=True, help="Show only errors, and how it ended."),
                click.Option(
                    ["--json"],
                    is_flag=True,
                    help="Write events for machines on standard error, one JSON object a line.",
                ),
            ],
        ),
    )


def own_options() -> list[click.Option]:
    """All of them."""
    return [option for _, options in option_groups() for option in options]


def taken_flags() -> frozenset[str]:
    """The flags that no param of a source can have."""
    return frozenset({"--help"}.union(*(option.opts for option in own_options())))


def module_in(words: Sequence[str]) -> str | None:
    """The first word that is no option and no option's value; the source's own options can only come after it."""
    options = own_options()
    with_value = {name for option in options if not option.is_flag for name in option.opts}
    alone = {"-h", "--help"}.union(*(option.opts for option in options if option.is_flag))
    skip = False
    for word in words:
        if skip:
            skip = False
        elif word in with_value:
            skip = True
        elif word in alone or word.partition("=")[0] in with_value:
            continue
        elif word.startswith("-") and word != "-":
            return None
        else:
            return word
    return None
