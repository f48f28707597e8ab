"""What is set for a whole process: logging, hooks, signal handlers, warning filters, environment, working folder.

A snapshot is a few dicts of plain values, quick to take and to compare: one is taken before and after each library that a
source imports, so that what a library sets for itself is not put down to the source.
"""

from __future__ import annotations

import builtins
import gc
import locale
import logging
import os
import signal
import socket
import sys
import threading
import time
import warnings
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from panoply_testing.footprints import TraceKind

__all__ = ["Change", "Snapshot", "changes", "snapshot", "value_of"]

Snapshot = dict["TraceKind", dict[Any, Any]]

_SIGNALS: Final = tuple(sorted(signal.valid_signals() - {signal.SIGKILL, signal.SIGSTOP}))

# What a module may not replace for everybody else, where their modules are loaded: functions, classes, and what those go by.
_PATCHABLE: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "json": ("dump", "dumps", "load", "loads", "JSONEncoder.default"),
        "json.encoder": ("JSONEncoder",),
        "json.decoder": ("JSONDecoder",),
        "socket": ("socket", "create_connection", "getaddrinfo", "gethostbyname"),
        "ssl": ("SSLContext", "create_default_context", "_create_default_https_context"),
        "http.client": ("HTTPConnection", "HTTPConnection.debuglevel", "HTTPSConnection", "HTTPSConnection.debuglevel"),
        "urllib.request": ("urlopen",),
        "requests": ("get", "Session"),
        "requests.sessions": ("Session.request", "Session.send"),
        "urllib3": ("PoolManager",),
        "httpx": ("Client",),
        "aiohttp": ("ClientSession",),
        "time": ("time", "sleep"),
        "datetime": ("datetime",),
        "random": ("random",),
        "os": ("environ", "open"),
        "io": ("open",),
        "subprocess": ("Popen",),
        "threading": ("Thread",),
        "logging": ("Logger.makeRecord", "Handler.handleError", "Formatter.format"),
        "warnings": ("formatwarning",),
    }
)

_MISSING: Final = object()


class _Same:
    """Any object, equal to itself only: what it says of equality is not asked."""

    __slots__ = ("value",)

    def __init__(self, value: object) -> None:
        self.value = value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.value is other.value

    def __hash__(self) -> int:
        return id(self.value)


class Change(NamedTuple):
    """What is set differently."""

    kind: TraceKind
    key: Any
    before: Any
    after: Any


def value_of(kept: object) -> object:
    """The object itself, of what a snapshot keeps."""
    return kept.value if isinstance(kept, _Same) else kept


def snapshot() -> Snapshot:
    """How everything is set now."""
    return {
        "environment": os.environb.copy(),
        "working folder": {"": _folder()},
        "signal": _signals(),
        "warning filters": _filters(),
        "hook": _hooks(),
        "setting": _settings(),
        "logging": _logging(),
    }


def changes(before: Snapshot, after: Snapshot) -> Iterator[Change]:
    """What differs between two snapshots."""
    for kind, old in before.items():
        new = after[kind]
        if old != new:
            for key in {**old, **new}:
                was, now = old.get(key, _MISSING), new.get(key, _MISSING)
                if was is not now and was != now:
                    yield Change(kind, key, None if was is _MISSING else was, None if now is _MISSING else now)


def _folder() -> str | None:
    try:
        return os.getcwd()  # noqa: PTH109 - a text is what is compared
    except OSError:  # somebody has removed it
        return None


def _signals() -> dict[Any, Any]:
    return {number: _Same(signal.getsignal(number)) for number in _SIGNALS}


def _filters() -> dict[Any, Any]:
    found: dict[Any, Any] = {}
    for entry in warnings.filters:
        found[entry] = found.get(entry, 0) + 1
    return found


def _hooks() -> dict[Any, Any]:
    found: dict[Any, Any] = {name: id(value) for name, value in vars(builtins).items() if name != "_"}
    for name in ("excepthook", "unraisablehook", "displayhook", "breakpointhook", "stdin", "stdout", "stderr"):
        found[f"sys.{name}"] = _Same(getattr(sys, name, None))
    found["threading.excepthook"] = _Same(threading.excepthook)
    for name, traced in (
        ("sys.settrace", sys.gettrace()),
        ("sys.setprofile", sys.getprofile()),
        ("threading.settrace", threading.gettrace()),
        ("threading.setprofile", threading.getprofile()),
    ):
        found[name] = _Same(traced)
    policy = getattr(sys.modules.get("asyncio.events"), "_event_loop_policy", None)
    # asyncio makes its own one when it is first asked.
    found["asyncio's event loop policy"] = _Same(None if type(policy).__module__.startswith("asyncio.") else policy)
    found["sys.meta_path"] = tuple(map(id, sys.meta_path))
    found["sys.path_hooks"] = tuple(map(id, sys.path_hooks))
    for module, paths in _PATCHABLE.items():
        loaded = sys.modules.get(module)
        for path in paths if loaded is not None else ():
            value: Any = loaded
            for name in path.split("."):
                value = getattr(value, name, None)
            found[f"{module}.{path}"] = _Same(value)
    return found


def _settings() -> dict[Any, Any]:
    return {
        "the time-out of all sockets (socket.setdefaulttimeout)": socket.getdefaulttimeout(),
        "the locale (locale.setlocale)": locale.setlocale(locale.LC_ALL),
        "the garbage collector (gc)": (gc.isenabled(), gc.get_threshold(), gc.get_debug()),
        "the time zone (time.tzset)": time.tzname,
        "the alarm clock (signal.setitimer)": signal.getitimer(signal.ITIMER_REAL) != (0.0, 0.0),
    }


def _logging() -> dict[Any, Any]:
    manager = logging.root.manager
    found: dict[Any, Any] = {
        "logging.disable": manager.disable,
        "logging.lastResort": _Same(logging.lastResort),
        "logging.raiseExceptions": logging.raiseExceptions,
        "logging.setLoggerClass": _Same(logging.getLoggerClass()),
        "logging.setLogRecordFactory": _Same(logging.getLogRecordFactory()),
        "logging.captureWarnings": _Same(warnings.showwarning),
        "names of levels (logging.addLevelName)": tuple(map(logging.getLevelName, (10, 20, 30, 40, 50))),
        ("root",): _logger(logging.root),
    }
    loggers: Mapping[str, Any] = manager.loggerDict
    # A list, as another thread may be about to add one.
    for name, logger in list(loggers.items()):
        if isinstance(logger, logging.Logger) and _is_set_up(logger):
            found[name,] = _logger(logger)
    return found


def _is_set_up(logger: logging.Logger) -> bool:
    return bool(logger.level or logger.handlers or logger.filters or logger.disabled or not logger.propagate)


def _logger(logger: logging.Logger) -> tuple[Any, ...]:
    return (
        logger.level,
        tuple(map(_Same, logger.handlers)),
        tuple(map(_Same, logger.filters)),
        logger.disabled,
        logger.propagate,
    )
