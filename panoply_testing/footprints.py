"""Words for what a source does to its process: what it changes by being imported, and what it leaves after `close()`.

Values only; how they are found is the business of `_footprint`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["Trace", "TraceKind"]

TraceKind = Literal[
    # What importing a module may do:
    "output",  # text on stdout or stderr
    "network",  # a connection, a datagram, a look-up, a port that is listened at; also one that failed
    "file written",  # also a folder made, and anything renamed or removed
    "logging",  # the root logger, loggers of others, handlers that print
    "hook",  # sys.excepthook, sys.stdout, a builtin, json's encoder ...
    "signal",
    "warning filters",
    "environment",
    "working folder",
    "setting",  # the time-out of all sockets, the locale, the garbage collector ...
    # What may be left after close(), and the first two at import as well:
    "thread",
    "process",
    "task",
    "socket",
    "file handle",
    "temporary file",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """One thing that a source did to its process.

    Attributes:
        kind: what it is, and which advice helps.
        what: the thing in words, as a clause: "connects to 127.0.0.1:80", "the thread 'poll'". It may name paths and
            hosts, so it is masked before it is told.
        where: the source's own line that did it, "acme/source.py:41 in read"; empty if it is not known.
        by: the library that did it of its own accord, while it was imported. That is no fault of the source's.
    """

    kind: TraceKind
    what: str
    where: str = ""
    by: str = ""
