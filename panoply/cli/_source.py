"""What the commands that load a source share: the way to its CONFIG, and what is said when there is none.

A module is foreign code. What it prints while it is imported goes to standard error, whatever way it takes, so that standard
output belongs to the command.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from panoply.cli._failures import innermost, raised_in, traceback_lines
from panoply.cli._text import described
from panoply.errors import LoadError, PanoplyException, ParamsError
from panoply.loading import load_source

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

    import click

    from panoply.cli._display import Display

__all__ = ["exiting", "load_with_config"]


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
def exiting(ctx: click.Context, display: Display, module: ModuleType | None, *, verbose: bool) -> Iterator[None]:
    """Turn what can be expected to go wrong before a command does its work into a message and an exit code."""
    try:
        yield
    except PanoplyException as exc:
        lines = [f"Error: {exc}"]
        facts: dict[str, Any] = {"type": type(exc).__name__, "message": str(exc)}
        cause = exc.__cause__
        if isinstance(exc, (LoadError, ParamsError)) and cause is not None:
            lines.append(f"  {described(cause)}")
            facts["cause"] = described(cause)
            place = innermost(cause.__traceback__) if module is None else raised_in(cause, module)
            if isinstance(cause, SyntaxError):
                place = f"{cause.filename}:{cause.lineno}"
            if place is not None:
                lines.append(f"  at {place}")
                facts["place"] = place
        if verbose:
            lines = [*traceback_lines(exc), *lines]
            facts["traceback"] = "\n".join(traceback_lines(exc))
        display.error(lines, facts)
        ctx.exit(2)
    except EOFError:
        display.error(["Nothing was entered: the input has ended."], {"type": "EOFError"})
        ctx.exit(2)
    except KeyboardInterrupt:
        display.error(["Interrupted."], {"type": "KeyboardInterrupt"}, stopped=True)
        ctx.exit(130)
