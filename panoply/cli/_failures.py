"""How a failed run is told: what was raised, and where in the source.

Pure functions that give lines; masking them is the screen's business.
"""

from __future__ import annotations

import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any

from panoply.cli._text import described
from panoply.errors import PanoplyException

if TYPE_CHECKING:
    from types import ModuleType, TracebackType

    from panoply.runner import Failure

__all__ = ["failure_facts", "failure_lines", "innermost", "raised_in", "traceback_lines"]


def failure_lines(failure: Failure, module: ModuleType | None, *, full: bool) -> list[str]:
    """What went wrong, and where in the source; with `full`, the whole traceback first."""
    error = failure.error
    lines = traceback_lines(error) if full else []
    if isinstance(error, KeyboardInterrupt):
        return [*lines, "Interrupted."]
    place = None if module is None else raised_in(error, module)
    if isinstance(error, BrokenPipeError) and place is None:
        return ["Stopped: the reader of standard output has gone away."]
    if isinstance(error, SystemExit):
        lines.append(f"{failure.during} called sys.exit(): a source raises an exception instead.")
    elif isinstance(error, (PanoplyException, OSError)) and place is None:
        lines.append(f"{failure.during}: {error}")
    else:
        lines.append(f"{failure.during} raised {described(error)}")
    lines[-1] = f"Error: {lines[-1]}"
    if place is not None:
        lines.append(f"  at {place}")
    return lines


def failure_facts(failure: Failure, module: ModuleType | None, *, full: bool) -> dict[str, Any]:
    """The same in parts."""
    error = failure.error
    place = None if module is None else raised_in(error, module)
    return {
        "during": failure.during,
        "type": type(error).__name__,
        "message": str(error) or failure_lines(failure, module, full=False)[0],
        **({} if place is None else {"place": place}),
        **({"traceback": "\n".join(traceback_lines(error))} if full else {}),
    }


def raised_in(error: BaseException, module: ModuleType) -> str | None:
    """The innermost line of the source's own code that an exception came through: `mymod.py:12, in read`."""
    origin = getattr(module, "__file__", None)
    if origin is None:
        return None
    own = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if _is_own(Path(frame.filename), Path(origin).resolve())
    ]
    if own:
        return f"{_shown(own[-1].filename)}:{own[-1].lineno}, in {own[-1].name}"
    if isinstance(error, SyntaxError) and error.filename is not None:
        return f"{_shown(error.filename)}:{error.lineno}"
    return None


def innermost(trace: TracebackType | None) -> str | None:
    """The last line of a traceback."""
    frames = traceback.extract_tb(trace)
    return f"{_shown(frames[-1].filename)}:{frames[-1].lineno}, in {frames[-1].name}" if frames else None


def traceback_lines(error: BaseException) -> list[str]:
    """The traceback as Python prints it."""
    return "".join(traceback.format_exception(error)).rstrip("\n").split("\n")


def _is_own(file: Path, origin: Path) -> bool:
    """Whether a file belongs to the source: it lies beside the module, or below."""
    file = file.resolve()
    if file == origin:
        return True
    folder = origin.parent
    if folder.name == "site-packages":
        return False
    return file.is_relative_to(folder) and "site-packages" not in file.relative_to(folder).parts


def _shown(filename: str) -> str:
    """Relative to the working folder, where it lies below that."""
    file = Path(filename)
    return str(file.relative_to(Path.cwd())) if file.is_relative_to(Path.cwd()) else filename
