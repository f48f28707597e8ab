"""What the commands that load a source share: the way to its CONFIG, and what is said when there is none.

A module is foreign code. What it prints while it is imported goes to standard error, whatever way it takes, so that standard
output belongs to the command.
"""

from __future__ import annotations

import io
import os
import sys
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, BinaryIO

from panoply.cli._failures import innermost, raised_in, traceback_lines
from panoply.cli._screen import Screen, described
from panoply.errors import LoadError, PanoplyException, ParamsError
from panoply.loading import load_source

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

    import click

__all__ = ["exiting", "load_with_config", "own_stdout"]


def load_with_config(target: str) -> ModuleType:
    """Import the source that somebody named; it has a CONFIG, of whatever kind.

    Raises:
        LoadError: it cannot be imported, or has none.
    """
    module = load_source(target)
    if not hasattr(module, "CONFIG"):
        raise LoadError(f"{module.__name__} has no CONFIG: a data source module has a dict of that name.")
    return module


@contextmanager
def exiting(ctx: click.Context, screen: Screen, module: ModuleType | None, *, verbose: bool) -> Iterator[None]:
    """Turn what can be expected to go wrong before a command does its work into a message and an exit code."""
    try:
        yield
    except PanoplyException as exc:
        if verbose:
            screen.line("\n".join(traceback_lines(exc)), style="red")
        screen.line(f"Error: {exc}", style="red")
        cause = exc.__cause__
        if isinstance(exc, (LoadError, ParamsError)) and cause is not None:
            screen.line(f"  {described(cause)}", style="red")
            place = innermost(cause.__traceback__) if module is None else raised_in(cause, module)
            if isinstance(cause, SyntaxError):
                place = f"{cause.filename}:{cause.lineno}"
            if place is not None:
                screen.line(f"  at {place}", style="red")
        ctx.exit(2)
    except KeyboardInterrupt:
        screen.line("Interrupted.", style="yellow")
        ctx.exit(130)


@contextmanager
def own_stdout() -> Iterator[BinaryIO]:
    """Keep the process's standard output for the command; what else is written there, by child processes too, goes to
    standard error.
    """
    if sys.stdout is None:
        raise ParamsError("Standard output is closed. Let it lead somewhere, such as /dev/null.")
    try:
        shared = sys.stdout.fileno() == 1 and sys.stderr.fileno() == 2
    except (AttributeError, io.UnsupportedOperation):
        shared = False
    if not shared:
        yield sys.stdout.buffer
        return
    sys.stdout.flush()
    kept = os.dup(1)
    os.dup2(2, 1)
    stream = os.fdopen(kept, "wb")
    try:
        yield stream
    finally:
        os.dup2(kept, 1)
        # Each record was flushed when it was written; what could not be was reported then.
        with suppress(OSError):
            stream.close()
