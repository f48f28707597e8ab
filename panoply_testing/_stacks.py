"""Where a source was when it was interrupted: written down by its process, and read by the one that watches it."""

from __future__ import annotations

import contextlib
import os
import re
from pathlib import Path
from typing import Any, Final

import panoply.driving
import panoply.loading
from panoply_testing._sensors import is_of_a_library

__all__ = ["read_stack", "write_tasks"]

# How the lines that `write_tasks` writes for one task begin.
TASK: Final = "Task"

# More lines of a stack than these hide what matters.
MOST_FRAMES: Final = 12

_FRAME = re.compile(r'^  File "(?P<file>.+)", line (?P<line>\d+) in (?P<name>.+)$')
_KIT = str(Path(__file__).parent)
_CALLERS = (panoply.driving.__file__, panoply.loading.__file__)


def write_tasks(descriptor: int) -> None:
    """Write down where the tasks of the running event loop wait: to faulthandler, a coroutine that waits is nowhere."""
    import asyncio  # noqa: PLC0415 - only where something hangs

    with contextlib.suppress(RuntimeError):  # no loop is running
        for task in asyncio.all_tasks():
            lines = [f"{TASK} {task.get_name()} (most recent call first):"]
            waiting: Any = task.get_coro()
            frames = []
            while waiting is not None:
                for kind in ("cr", "gi", "ag"):
                    frame = getattr(waiting, f"{kind}_frame", None)
                    if frame is not None:
                        code = frame.f_code
                        frames.append(f'  File "{code.co_filename}", line {frame.f_lineno} in {code.co_name}')
                        waiting = getattr(waiting, "gi_yieldfrom" if kind == "gi" else f"{kind}_await", None)
                        break
                else:
                    waiting = None
            os.write(descriptor, "\n".join([*lines, *reversed(frames), ""]).encode("utf-8", "replace"))


def read_stack(text: str, home: str) -> tuple[tuple[str, ...], str]:
    """What the source was doing, from what faulthandler and `_write_tasks` wrote.

    Args:
        text: as they wrote it.
        home: the folder or file of the source's code; empty if its module was never imported.

    Returns:
        The calls, innermost first, each with its line of code, and the innermost of them in the source's own code.
    """
    head: list[str] = []
    tasks: list[tuple[str, str]] = []
    frames: list[tuple[str, str]] = []
    calls: list[tuple[str, str]] = []
    in_task = outside = False
    for line in text.splitlines():
        frame = _FRAME.match(line)
        if frame is None:
            # The head of the next thread or task, or of the whole. Threads that the kit did not start are left out.
            frames, in_task, outside = [], line.startswith(TASK), False
            if line.startswith("Fatal Python error"):
                head.append(line)
        elif outside or "importlib" in frame["file"]:
            continue
        elif frame["file"].startswith(_KIT) and not frames:
            continue  # the source waits in a function of the kit's that stands for one of Python's
        elif frame["file"].startswith(_KIT) or frame["file"] in _CALLERS:
            # From here on outwards it is the kit that calls.
            outside = True
            calls = calls or frames
        else:
            frames.append((frame["file"], _shown(frame, home)))
            if in_task:
                tasks.append(frames[-1])
    # Where tasks wait, the thread's own stack only shows the event loop.
    calls = tasks or calls or frames
    own = [text for file, text in calls if _is_own(file, home)]
    stuck_at = own[0].partition(": ")[0] if own else ""
    return (*head, *(text for _, text in calls))[:MOST_FRAMES], stuck_at


def _shown(frame: re.Match[str], home: str) -> str:
    import linecache  # noqa: PLC0415 - only for a source that hung

    path = Path(frame["file"])
    short = path.relative_to(Path(home).parent) if home and _is_own(frame["file"], home) else Path(*path.parts[-2:])
    place = f"{short}:{frame['line']} in {frame['name']}"
    code = linecache.getline(frame["file"], int(frame["line"])).strip()
    return f"{place}: {code}" if code else place


def _is_own(file: str, home: str) -> bool:
    if not home:  # the module was never imported
        return not is_of_a_library(file)
    return file == home or file.startswith(home + os.sep)
