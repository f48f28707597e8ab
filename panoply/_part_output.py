"""Listens to what sources print in a process that reads several parts, in a thread each, and does other work besides.

Whose line it is, the thread says. What a thread of a source's own prints is taken for one of the parts': better under a wrong
name than in the log of a machine that belongs to others, unmasked.
"""

from __future__ import annotations

import io
import sys
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final, TextIO

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["end_lines", "overheard"]

_CHANGING: Final = threading.Lock()


@contextmanager
def overheard(hear: Callable[[str], object]) -> Iterator[None]:
    """Have what this thread prints in this block heard, a line at a time."""
    thread = threading.get_ident()
    with _CHANGING:
        for name in ("stdout", "stderr"):
            stream = getattr(sys, name)
            shared = stream if isinstance(stream, _Shared) else _Shared(stream)
            shared.listen(thread, hear)
            setattr(sys, name, shared)
    try:
        yield
    finally:
        with _CHANGING:
            for name in ("stdout", "stderr"):
                shared = getattr(sys, name)
                # Somebody else may have put something in its place.
                if isinstance(shared, _Shared) and not shared.leave(thread):
                    setattr(sys, name, shared.behind)


def end_lines() -> None:
    """Have heard what was printed without the end of its line."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, _Shared):
            stream.end()


class _Shared(io.TextIOBase):
    """Stands in for a stream, as long as anybody listens."""

    encoding = "utf-8"
    errors = "replace"

    def __init__(self, behind: TextIO | Any) -> None:
        self.behind = behind
        # For code that writes bytes: they go where they went.
        self.buffer = getattr(behind, "buffer", None)
        # Of each thread: who hears it, and what it has begun to write.
        self._heard: dict[int, tuple[Callable[[str], object], list[str]]] = {}

    def listen(self, thread: int, hear: Callable[[str], object]) -> None:
        self._heard[thread] = (hear, [""])

    def leave(self, thread: int) -> bool:
        """Whether there are others."""
        hear, rest = self._heard.pop(thread)
        if rest[0]:
            hear(rest[0])
        return bool(self._heard)

    def end(self) -> None:
        """Pass on lines that have not ended."""
        for hear, rest in list(self._heard.values()):
            line, rest[0] = rest[0], ""
            if line:
                hear(line)

    def write(self, text: str) -> int:
        found = self._heard.get(threading.get_ident()) or next(iter(list(self._heard.values())), None)
        if found is None:
            return int(self.behind.write(text))
        hear, rest = found
        *lines, rest[0] = (rest[0] + text).split("\n")
        for line in lines:
            hear(line)
        return len(text)

    def flush(self) -> None:
        if self.behind is not None:
            self.behind.flush()

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return int(self.behind.fileno())
