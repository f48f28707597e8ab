"""How a failed run is told: what was raised, where in the source, and what became of the records.

Pure functions that give lines; masking them is the screen's business.
"""

from __future__ import annotations

import traceback
from pathlib import Path
from typing import TYPE_CHECKING

from panoply.cli._screen import counted, described
from panoply.errors import DeliveryError, PanoplyException

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from types import ModuleType, TracebackType

    from panoply.runner import Failure, RunResult

__all__ = ["failure_lines", "raised_in", "summary"]

# Tables named in the summary; a source may fill hundreds.
_TABLES_SHOWN = 10


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


def summary(result: RunResult, target: str) -> str:
    """One line on what became of the records."""
    where = f" into {counted(len(result.tables), 'table')}: {_tables(result.tables)}" if result.tables else ""
    retried = f" (and {counted(result.retries, 'failed one')} tried again)" if result.retries else ""
    records = counted(result.records, "record") if result.records else "no records"
    collected = f"Collected {records} in {counted(result.reads, 'read')}{retried}{where}"
    return f"{collected}; {_fate(result, target)}."


def _fate(result: RunResult, target: str) -> str:
    if result.finished and result.delivered:
        if not result.records:
            return "the source gave none" if result.retries else "the source had none"
        return "everything delivered" if target in {"-", "sqs"} else f"everything is in {target}"
    if not result.delivered and result.records:
        lost = sum(
            len(failure.error.records) for failure in result.failures if isinstance(failure.error, DeliveryError)
        )
        some = f"{counted(lost, 'record')} of them" if lost else "not all of them"
        return f"{some} {'not ' if lost else ''}delivered"
    kept = "nothing was delivered" if not result.records else "these were delivered"
    if result.records and target not in {"-", "sqs"}:
        kept = f"these are in {target}.part"
    return kept if result.finished else f"the source was not read to its end; {kept}"


def _tables(tables: Mapping[str, int]) -> str:
    return ", ".join(_counts(tables))


def _counts(tables: Mapping[str, int]) -> Iterator[str]:
    for table, count in list(tables.items())[:_TABLES_SHOWN]:
        yield f"{table} {count:,}"
    if len(tables) > _TABLES_SHOWN:
        yield f"and {len(tables) - _TABLES_SHOWN} more"


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
