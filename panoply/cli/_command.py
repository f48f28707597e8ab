"""The command that `panoply run` becomes once the source is known: flags from CONFIG beside its own options, and their help."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import click
from click.core import ParameterSource

from panoply._param_shapes import is_bool, is_required, is_several, shown_default
from panoply.cli._choices import named
from panoply.cli._options import HELP_NAMES, Options, option_groups
from panoply.cli._params import Typed
from panoply.cli._text import in_one_line, listed, plain

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from panoply.cli._flags import Flag
    from panoply.config import Param

__all__ = ["Collect", "option_help"]

# So many choices stand in the place of VALUE; as many are named in the text where there are more.
_IN_METAVAR: Final = 6
_NAMED: Final = 20


class Collect(click.Command):
    """`panoply run` of one module: its own options and those of the source, each group under a heading of its own.

    Args:
        module: what the heading of the params says.
        flagged: the source's params, with their flags.
    """

    def __init__(self, module: str, flagged: Sequence[Flag], **settings: Any) -> None:
        self.module = module
        self.flagged = flagged
        self.groups = option_groups()
        self.sources = [_option(index, flag) for index, flag in enumerate(flagged) if flag.names]
        files = [_file_option(index, flag) for index, flag in enumerate(flagged) if flag.file]
        own = [option for _, options in self.groups for option in options]
        super().__init__("run", params=[*self.sources, *files, *own], **settings)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        flags_of_others = [flag for flag in self.flagged if not flag.names]
        *groups, (last, options) = self.groups
        for title, rows in (
            (f"Params of {self.module}", _rows(self.sources, ctx)),
            (
                "Params whose flags mean something else here",
                [(flag.usage, option_help(flag)) for flag in flags_of_others],
            ),
            *((title, _rows(options, ctx)) for title, options in groups),
            (last, _rows([*options, self.get_help_option(ctx)], ctx)),
        ):
            if rows:
                with formatter.section(title):
                    formatter.write_dl(rows)

    def read(self, target: str, words: Sequence[str], parent: click.Context | None) -> tuple[Options, Typed, list[str]]:
        """What the words say: the own options, what was given for params, and which credentials of our own stand there.

        Raises:
            click.UsageError: they cannot be understood.
            click.exceptions.Exit: the help was asked for, and is on standard output.
        """
        settings = {"allow_extra_args": True, **HELP_NAMES}
        with self.make_context(f"run {target}", list(words), parent=parent, **settings) as ctx:
            if ctx.args:
                # Not quoted: it may be the second half of a password.
                raise click.UsageError(
                    f"{len(ctx.args)} of the words belong to no flag. Quote values that hold spaces.", ctx
                )
            typed = Typed(
                flags=self._of_params(ctx.params, "param"),
                files={name: texts[-1] for name, texts in self._of_params(ctx.params, "file").items()},
                pairs=ctx.params["pairs"],
            )
            exposed = ctx.get_parameter_source("apisecret") is ParameterSource.COMMANDLINE
            return Options.read(ctx.params), typed, ["--panoply-api-secret"] if exposed else []

    def _of_params(self, chosen: Mapping[str, Any], kind: str) -> dict[str, list[str]]:
        given = {flag.param.name: chosen.get(f"{kind}_{index}") for index, flag in enumerate(self.flagged)}
        return {name: _texts(value) for name, value in given.items() if value is not None and value != ()}


class _Flagged(click.Option):
    """A flag of a param: how else it may be spelled is understood, but not shown."""

    def get_help_record(self, ctx: click.Context) -> tuple[str, str] | None:
        found = super().get_help_record(ctx)
        if found is None:
            return None
        usage, text = found
        for name in self.opts[1:]:
            usage = usage.replace(f", {name}", "", 1)
        return usage, text


def option_help(flag: Flag) -> str:
    """What the help says of a param: its title and help as text, its choices, and by what else it can be given."""
    param = flag.param
    title, text = in_one_line(param.title), plain(param.help or param.description)
    sentences = [title, text] if text.lower().rstrip(".") != title.lower().rstrip(".") else [title]
    sentences += [*_choices(param)]
    if is_several(param):
        sentences.append("May be repeated.")
    words = " ".join(sentence if sentence[-1] in ".!?" else f"{sentence}." for sentence in sentences if sentence)
    marks = ["required"] if is_required(param) else []
    marks += ["not in the form"] if param.hidden else []
    marks += [f"needs: {', '.join(param.dependencies)}"] if param.dependencies else []
    marks += [] if shown_default(param) is None else [f"default: {in_one_line(str(param.default))}"]
    marks += [f"env: {flag.env}"]
    marks += [f"file: {flag.file} FILE"] if flag.file else []
    return f"{words} [{'; '.join(marks)}]".strip()


def _choices(param: Param) -> list[str]:
    if isinstance(param.values, tuple):
        names = [named(choice) for choice in param.values if not choice.disabled]
        in_metavar = len(param.values) <= _IN_METAVAR and all(
            choice.name == str(choice.value) for choice in param.values
        )
        return [] if in_metavar or not names else [f"One of: {listed(names, _NAMED)}."]
    return [f"`--choose {param.name}` lists the values."] if param.values is not None else []


def _rows(options: Sequence[click.Parameter | None], ctx: click.Context) -> list[tuple[str, str]]:
    return [row for option in options if option is not None and (row := option.get_help_record(ctx)) is not None]


def _option(index: int, flag: Flag) -> click.Option:
    name = f"param_{index}"
    if is_bool(flag.param):
        declared = "/".join(name for name in (flag.names[0], flag.negative) if name)
        return _Flagged([declared, *flag.names[1:], name], is_flag=True, default=None, help=option_help(flag))
    return _Flagged([*flag.names, name], multiple=True, metavar=_metavar(flag.param), help=option_help(flag))


def _file_option(index: int, flag: Flag) -> click.Option:
    # The row of the param mentions it.
    return click.Option([flag.file, f"file_{index}"], metavar="FILE", hidden=True)


def _metavar(param: Param) -> str:
    if isinstance(param.values, tuple) and 0 < len(param.values) <= _IN_METAVAR:
        return "|".join(in_one_line(str(choice.value)) for choice in param.values if not choice.disabled)
    return "NUMBER" if param.type == "number" else "VALUE"


def _texts(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    return [str(value).lower()] if isinstance(value, bool) else list(value)  # type: ignore[call-overload]
