"""Hears what a source says in this process: logging, warnings, stdout and stderr, also those of its child processes.

Made for a process that exists for one run only: it takes over file descriptors 1 and 2 and the logging set-up, and
never gives them back.
"""

from __future__ import annotations

import contextlib
import fcntl
import io
import logging
import os
import sys
import sysconfig
import tempfile
import threading
import time
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final, Protocol, runtime_checkable

from panoply_testing.secrets import join_arguments

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from types import FrameType

__all__ = ["Piece", "Sensors", "is_of_a_library"]

_LIBRARIES = tuple({sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")})

# Below all levels, so that each logger passes on what it is given unless somebody has said otherwise.
_EVERYTHING: Final = 1

# What every log record has; the rest was passed as `extra`.
_RECORD_FIELDS: Final = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}

# How long threads and child processes that outlive `close()` may take for what they have to say.
_SETTLE_SECONDS: Final = 0.25


@dataclass(frozen=True, slots=True)
class Piece:
    """A text that was let out, the channel it took, and the source's line that let it out, where that is known."""

    channel: str
    text: str
    where: str = ""


class Sensors:
    """Collects pieces of text until `drain()` takes them.

    Args:
        home: the folder or file of the source's code: its own log lines count at any level, those of libraries from
            INFO on (urllib3 tells every URL at DEBUG, which no platform records).
    """

    def __init__(self, home: Callable[[], Path | None]) -> None:
        self._home = home
        self._pid = os.getpid()
        self._threads = threading.active_count()
        self._pieces: list[Piece] = []
        # Taken again by the thread that holds it, where a signal has interrupted that one to ask for the pieces.
        self._lock = threading.RLock()
        self._files: list[tuple[str, BinaryIO]] = []
        self._memories: list[tuple[str, _Memory, int]] = []

    def start(self) -> None:
        """Begin to listen."""
        for name, descriptor in (("stdout", 1), ("stderr", 2)):
            self._take_over(name, descriptor)
        self._listen_to_logging()
        self._listen_to_warnings()

    def drain(self) -> list[Piece]:
        """All that was heard since the last time."""
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(ValueError, OSError, AttributeError):  # the source may have closed or replaced it
                stream.flush()
        with self._lock:
            pieces, self._pieces = self._pieces, []
        for name, file in self._files:
            if os.fstat(file.fileno()).st_size < file.tell():
                file.seek(0)  # somebody has opened /dev/stdout anew, which empties it
            data = file.read()
            if data:
                pieces.append(Piece(name, data.decode("utf-8", "replace")))
        for index, (name, memory, seen) in enumerate(self._memories):
            text = memory.getvalue()
            if len(text) > seen:
                pieces.append(Piece(name, text[seen:]))
                self._memories[index] = (name, memory, len(text))
        return pieces

    def settle(self) -> None:
        """Wait a moment for threads and child processes that are still at work: they may be about to say something."""
        deadline = time.monotonic() + _SETTLE_SECONDS
        while time.monotonic() < deadline and (threading.active_count() > self._threads or _has_children()):
            time.sleep(0.01)

    def logged(self, msgs: tuple[object, ...]) -> None:
        """The options' logger: takes the tuple that `DataSource.log` hands over."""
        where = self.own_line(sys._getframe(1))  # noqa: SLF001 - the documented way to see who called
        self._add(*(Piece("log()", text, where) for text in _renderings(msgs)))

    def _add(self, *pieces: Piece) -> None:
        if os.getpid() != self._pid:
            # A process that the source has forked. What it has heard here would be lost with it.
            os.write(2, "".join(f"{piece.text}\n" for piece in pieces).encode("utf-8", "backslashreplace"))
            return
        with self._lock:
            self._pieces.extend(pieces)

    def own_line(self, frame: FrameType | None) -> str:
        """The innermost line of the source's own code at or above `frame`."""
        home = self._home()
        while frame is not None and home is not None:
            path = Path(frame.f_code.co_filename)
            if path == home or home in path.parents:
                return f"{_short(path, home)}:{frame.f_lineno} in {frame.f_code.co_name}"
            frame = frame.f_back
        return ""

    def _take_over(self, name: str, descriptor: int) -> None:
        writer, path = tempfile.mkstemp(prefix="panoply-", suffix=f".{name}")
        self._files.append((name, open(path, "rb")))  # noqa: PTH123, SIM115 - read until the process ends
        os.unlink(path)  # noqa: PTH108 - a path as tempfile gives it
        # Several processes may write, and whoever opens /dev/stdout anew begins at its start.
        fcntl.fcntl(writer, fcntl.F_SETFL, os.O_APPEND)
        old = (getattr(sys, name), getattr(sys, f"__{name}__"))
        os.dup2(writer, descriptor)
        for stream in old:
            # Handlers made before may hold the old object: what they write to it must come here too.
            if isinstance(stream, _Memory):
                self._memories.append((name, stream, len(stream.getvalue())))
                continue
            with contextlib.suppress(AttributeError, ValueError, OSError):
                os.dup2(writer, stream.fileno())
        new = io.TextIOWrapper(
            io.BufferedWriter(io.FileIO(descriptor, "w", closefd=False)),
            encoding="utf-8",
            errors="backslashreplace",
            line_buffering=True,
        )
        setattr(sys, name, new)
        setattr(sys, f"__{name}__", new)

    def _listen_to_logging(self) -> None:
        root = logging.getLogger()
        for handler in root.handlers[:]:
            root.removeHandler(handler)
        root.setLevel(_EVERYTHING)
        logging.disable(logging.NOTSET)
        # A root without handlers, so that the source's own set-up (basicConfig) does what it would do elsewhere. What then
        # still has no handler is heard here, and need not be printed as well.
        logging.lastResort = logging.NullHandler()
        self._listen_to_loggers()
        self._listen_to_handlers()

    def _listen_to_loggers(self) -> None:
        """Hear what reaches the root, whatever handlers the source puts there or takes away."""
        pass_on = logging.Logger.callHandlers
        faults = logging.Handler()

        def call_handlers(logger: logging.Logger, record: logging.LogRecord) -> None:
            if self._is_chatter(record):
                return  # which only came this far because the root lets everything through
            # First the handlers: a filter of theirs may mask the record for those above.
            pass_on(logger, record)
            if not _reaches_root(logger):
                return
            try:
                self._heard(record)
            except Exception:  # noqa: BLE001 - arguments that do not fit the text: what logging does with it
                faults.handleError(record)

        logging.Logger.callHandlers = call_handlers  # type: ignore[method-assign, assignment]

    def _listen_to_handlers(self) -> None:
        """Hear what a logger that does not propagate writes, in the form that its handlers give it."""
        handle = logging.Handler.handle

        def handle_and_hear(handler: logging.Handler, record: logging.LogRecord) -> bool | logging.LogRecord:
            handled = handle(handler, record)
            if handled and _writes_what_it_formats(handler) and not _reaches_root(logging.getLogger(record.name)):
                with contextlib.suppress(Exception):  # the handler itself has reported it
                    self._add(Piece(f"logging ({record.name})", handler.format(record), self._line_of(record)))
            return handled

        logging.Handler.handle = handle_and_hear  # type: ignore[method-assign, assignment]

    def _is_chatter(self, record: logging.LogRecord) -> bool:
        of_a_library = is_of_a_library(record.pathname) and not self._is_own(record)
        return record.levelno < logging.INFO and of_a_library and not _chosen(record.name)

    def _heard(self, record: logging.LogRecord) -> None:
        text = logging.Formatter("%(levelname)s %(name)s: %(message)s").format(record)
        extra = {name: value for name, value in vars(record).items() if name not in _RECORD_FIELDS}
        if extra:
            text += f" {_text(extra)}"
        self._add(Piece(f"logging ({record.name})", text, self._line_of(record)))

    def _is_own(self, record: logging.LogRecord) -> bool:
        path, home = Path(record.pathname), self._home()
        return home is not None and (path == home or home in path.parents)

    def _line_of(self, record: logging.LogRecord) -> str:
        home = self._home()
        if home is None or not self._is_own(record):
            return ""
        return f"{_short(Path(record.pathname), home)}:{record.lineno} in {record.funcName}"

    def _listen_to_warnings(self) -> None:
        warnings.resetwarnings()
        warnings.simplefilter("default")

        def show(message: Any, category: Any, filename: str, lineno: int, *_: object, **__: object) -> None:
            self._add(Piece("warnings", warnings.formatwarning(message, category, filename, lineno)))

        warnings.showwarning = show


@runtime_checkable
class _Memory(Protocol):
    """A stand-in for stdout or stderr that keeps what is written, as `pytest --capture=sys` puts one there."""

    def getvalue(self) -> str: ...


def is_of_a_library(filename: str) -> bool:
    """Whether a file of Python code belongs to Python or to an installed package."""
    return filename.startswith((*_LIBRARIES, "<frozen "))


def _reaches_root(logger: logging.Logger) -> bool:
    while logger.parent is not None and logger.propagate:
        logger = logger.parent
    return logger.parent is None


def _writes_what_it_formats(handler: logging.Handler) -> bool:
    """Whether nothing happens to a text between a handler's formatter and its file: an `emit` of the source's own may mask."""
    return isinstance(handler, logging.StreamHandler) and type(handler).emit.__module__.startswith("logging")


def _chosen(name: str) -> bool:
    """Whether somebody set a level for this logger on purpose, below INFO."""
    logger: logging.Logger | None = logging.getLogger(name)
    while logger is not None and logger.level in (logging.NOTSET, _EVERYTHING):
        logger = logger.parent
    return logger is not None and logger.level < logging.INFO


def _has_children() -> bool:
    """Whether child processes are running, none of which has ended unnoticed."""
    if not hasattr(os, "waitid"):  # macOS before Python 3.13
        return False
    try:
        return os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None
    except ChildProcessError:
        return False


def _renderings(msgs: tuple[object, ...]) -> Iterator[str]:
    """The texts into which a platform may turn one call of `log()`: joined by spaces, and as the tuple prints."""
    texts = join_arguments([_text(msg) if not isinstance(msg, bytes | bytearray) else msg for msg in msgs])
    yield from texts
    printed = _text(msgs)
    if not texts or printed[2:-3] != texts[0]:
        yield printed


def _text(value: object) -> str:
    try:
        return str(value)
    except Exception as exc:  # noqa: BLE001 - the source's own __str__
        return f"<a {type(value).__name__} whose str() raises {type(exc).__name__}>"


def _short(path: Path, home: Path) -> str:
    return f"{home.name}/{path.relative_to(home)}" if path != home else home.name
