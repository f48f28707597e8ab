"""The command `panoply`: what can be typed, and nothing of what it does.

Each command has a module here, which parses, calls the library and prints. They are imported when they are asked for, so
that `panoply --help` needs none of what they need. Nothing else here imports click and rich; the review, which is no part of
this package, has a command of its own.
"""

from __future__ import annotations

from importlib import import_module

import click

from panoply.constants import PKGNAME, VERSION

__all__ = ["cli"]

# What can be typed after `panoply`: the line that the overview shows for it, and where it lives.
_COMMANDS = {
    "new": ("Start a data source from the template; grow or update one.", "panoply.cli.new:new"),
    "config": ("Check a data source's CONFIG, and show it.", "panoply.cli.config:config"),
    "run": ("Collect from a data source, as the platform would.", "panoply.cli.run:run"),
    "review": ("Tell whether a source project is ready to be handed in.", "panoply_testing.review.command:command"),
}


class _Commands(click.Group):
    """Finds commands in the table above."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        if cmd_name not in _COMMANDS:
            return None
        module, _, name = _COMMANDS[cmd_name][1].partition(":")
        command = getattr(import_module(module), name)
        return command if isinstance(command, click.Command) else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, _COMMANDS[name][0]) for name in self.list_commands(ctx)])


@click.group(
    cls=_Commands,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="`panoply COMMAND --help` explains a command.",
)
@click.version_option(VERSION, "-V", "--version", prog_name="panoply", message=f"%(prog)s %(version)s ({PKGNAME})")
def cli() -> None:
    """The developer kit for Panoply data sources.

    A data source is a Python module with a class Stream, which reads records from somewhere, and a dict CONFIG, which says
    what it has to be told for that.
    """
