"""Watches what a source does to the process that it is run in: while it is imported, and what is left after `close()`.

Made for a process that exists for one run only (see `isolation`): its audit hook can never be taken away again.
"""

from __future__ import annotations

import builtins
import contextlib
import importlib.util
import logging
import os
import re
import signal
import socket
import sys
import threading
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from panoply_testing import _surroundings
from panoply_testing._audit import Audit
from panoply_testing._blame import NOBODY, Blame
from panoply_testing._leftovers import Leftovers
from panoply_testing._sensors import is_of_a_library
from panoply_testing.footprints import Trace

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable, Iterator

    from panoply_testing._blame import Doer
    from panoply_testing._sensors import Piece
    from panoply_testing._surroundings import Change, Snapshot

__all__ = ["Footprint"]

# Modules of a project's tests, as pytest finds them.
_OF_TESTS: Final = re.compile(r"conftest\.py|test_.*\.py|.*_test\.py")

# What Python shows of itself only to those who ask for it: by default nobody sees these warnings.
_UNSEEN: Final = (DeprecationWarning, PendingDeprecationWarning, ImportWarning, ResourceWarning, SyntaxWarning)

# The functions by which something is set for the whole process: who called them is who set it.
_SETTERS: Final = (
    (signal, "signal"),
    (logging, "disable"),
    (logging, "captureWarnings"),
    (logging, "setLoggerClass"),
    (logging, "setLogRecordFactory"),
    (logging, "addLevelName"),
    (logging.Logger, "setLevel"),
    (logging.Logger, "addHandler"),
    (logging.Logger, "removeHandler"),
    (logging.Filterer, "addFilter"),
    (warnings, "filterwarnings"),
    (warnings, "simplefilter"),
    (warnings, "resetwarnings"),
    (socket, "setdefaulttimeout"),
)


# Drivers in C, whose connections nobody in Python hears of: the function in them by which all connections are made.
_DRIVERS: Final = (("psycopg2", "_connect"), ("pyodbc", "connect"), ("pymssql", "connect"), ("oracledb", "connect"))


class Footprint:
    """What a source does to its process.

    Args:
        home: the folder or file of the source's code; None until it is known, which is after the import.
        given: files and folders that the user named, by `given_paths`.

    Attributes:
        saw_import: whether the source was really imported, all of it; not so where the process had some of it already.
    """

    def __init__(self, home: Callable[[], Path | None], given: tuple[str, ...] = ()) -> None:
        self._blame = Blame(home)
        self._audit = Audit(self._blame)
        self._leftovers = Leftovers(self._audit, self._blame, given)
        self._import: _Import | None = None
        self.saw_import = False

    def start(self) -> None:
        """Begin to listen, and take as given what is there now. After the other sensors: theirs is not the source's."""
        self._audit.start()
        self._leftovers.baseline()

    def began_import(self, *, judged: bool = True) -> None:
        """The source's module is about to be imported, and nothing else.

        Args:
            judged: whether anybody wants to know what that does. If not, it is only seen what belongs to the source.
        """
        self._import = _Import(self._audit, self._blame, judged=judged)
        self._import.begin()

    def ended_import(self) -> tuple[Trace, ...]:
        """What the import did, by the source (`by` is empty) and by libraries."""
        watched, self._import = self._import, None
        if watched is None:
            return ()
        self.saw_import = watched.saw_all
        return watched.end()

    def tasks(self, loop: asyncio.AbstractEventLoop | None) -> tuple[Trace, ...]:
        """The tasks left on the driver's loop: to be asked after the second `close()`, before the loop is closed."""
        return self._leftovers.tasks(loop)

    def left(self) -> tuple[Trace, ...]:
        """What else is left: to be asked once the driver's loop is closed, while the source object is still held."""
        return self._leftovers.left()

    def left_texts(self) -> list[Piece]:
        """What is in the files that `left()` found."""
        return list(self._leftovers.left_texts())

    @property
    def problem(self) -> str:
        """What kept it from seeing all that there was; empty if nothing did."""
        return self._audit.problem

    @property
    def touched(self) -> tuple[tuple[str, str, Doer], ...]:
        """What the source's own code did with which file: path, how, and by whom."""
        return tuple((path, how, doer) for (path, how), doer in self._audit.touched.items())

    @property
    def started(self) -> tuple[tuple[tuple[str, ...], Doer], ...]:
        """The processes that were started up to the last `drain_processes`: the words of each, and by whom."""
        return tuple(self._audit.processes)

    def drain_processes(self) -> list[Piece]:
        """The arguments of the processes that were started since the last time."""
        return self._audit.drain_processes()


class _Import:
    """One import of a source, with the imports of libraries that it brings about."""

    def __init__(self, audit: Audit, blame: Blame, *, judged: bool) -> None:
        self._audit = audit
        self._blame = blame
        self._judged = judged
        self._thread = threading.get_ident()
        self._own_depth = 0
        self._in_library = False
        self._before: Snapshot = {}
        self._since: Snapshot = {}
        self._changed: dict[tuple[Any, Any], Change] = {}
        self._setters: dict[tuple[str, Any], Doer] = {}
        self._lengths: tuple[int, int] = (0, 0)
        self._printed = [0, 0]
        self._printer: dict[int, Doer] = {}
        self._drivers: list[Any] = []
        self._undo: list[Callable[[], None]] = []
        self._names: list[str] = []
        self._there_before = list(sys.modules.values()) if judged else []
        self._folder: Path | None = None

    @property
    def saw_all(self) -> bool:
        """Whether the source's modules were run, and none of them before."""
        return self._folder is not None and not any(map(self._is_of_the_source, self._there_before))

    def _is_of_the_source(self, module: Any) -> bool:
        file = getattr(module, "__file__", None)
        if not isinstance(file, str) or is_of_a_library(file):
            return False
        path = Path(file)
        # What a project's tests bring along may lie beside the source, but is no part of it.
        return self._folder in path.parents and not _OF_TESTS.fullmatch(path.name)

    def begin(self) -> None:
        if not self._judged:
            self._listen_to_imports()
            return
        self._tell_filters_apart()
        self._listen_to_drivers()
        self._listen_to_output()
        self._listen_to_setters()
        self._listen_to_imports()
        self._audit.imports()
        self._before = _surroundings.snapshot()
        self._resume()

    def end(self) -> tuple[Trace, ...]:
        if not self._judged:
            self._undo_all()
            return ()
        self._pause()
        now = _surroundings.snapshot()
        found = self._audit.imported()
        self._undo_all()
        for descriptor in (1, 2):
            if self._printed[descriptor - 1]:
                doer = self._printer.get(descriptor, NOBODY)
                name = "stdout" if descriptor == 1 else "stderr"
                found.append(Trace(kind="output", what=f"prints to {name}", where=doer.where))
        # What was set and set back again is as it was.
        remaining = {(change.kind, change.key): change for change in _surroundings.changes(self._before, now)}
        for key in self._changed:
            if key in remaining:
                change = remaining[key]
                found += [Trace(kind=change.kind, what=what, where=self._where(change)) for what in self._words(change)]
        return tuple(found)

    def _undo_all(self) -> None:
        for undo in reversed(self._undo):
            undo()

    # ------------------------------------------------------------------ whose turn it is

    def _resume(self) -> None:
        """The source's own code goes on."""
        self._since = _surroundings.snapshot()
        self._lengths = _lengths()

    def _pause(self) -> None:
        """The source's own code waits, or is done: what has changed meanwhile is its doing."""
        for change in _surroundings.changes(self._since, _surroundings.snapshot()):
            self._changed[change.kind, change.key] = change
        lengths = _lengths()
        for index in (0, 1):
            self._printed[index] += lengths[index] != self._lengths[index]

    def _listen_to_imports(self) -> None:
        """Know when a library is imported: what is done meanwhile is its own doing."""
        # The one function through which every module passes that is really imported, rather than found to be there.
        machinery: Any = sys.modules["_frozen_importlib"]
        load = machinery._load_unlocked  # noqa: SLF001 - there is no public one

        def load_and_listen(spec: Any) -> Any:
            if self._in_library or threading.get_ident() != self._thread:
                return load(spec)
            origin = spec.origin or ""
            if not self._own_depth:
                # What is imported first is the source, or a package that it is in, wherever they are installed.
                self._names.append(spec.name)
                self._folder = self._folder or Path(origin).parent
                self._blame.add_home(str(Path(origin).parent) if spec.submodule_search_locations else origin)
            if self._own_depth and not self._blame.is_own(origin):
                return self._library(load, spec)
            self._own_depth += 1
            try:
                return load(spec)
            finally:
                self._own_depth -= 1

        machinery._load_unlocked = load_and_listen  # noqa: SLF001 - as above
        self._undo.append(lambda: setattr(machinery, "_load_unlocked", load))

    def _library(self, load: Callable[[Any], Any], spec: Any) -> Any:
        if not self._judged:
            return load(spec)
        self._pause()
        self._in_library = True
        try:
            return load(spec)
        finally:
            self._in_library = False
            self._listen_to_drivers()
            self._resume()

    def _listen_to_drivers(self) -> None:
        for name, function in _DRIVERS:
            driver = sys.modules.get(name)
            connect = getattr(driver, function, None)
            if connect is not None and driver not in self._drivers:
                self._drivers.append(driver)
                self._listen_to_driver(driver, function, connect)

    def _listen_to_driver(self, driver: Any, function: str, connect: Callable[..., Any]) -> None:
        def connect_and_note(*args: Any, **kwargs: Any) -> Any:
            # Not to whom: that is in a text with the password.
            doer = self._blame.of(sys._getframe(1))  # noqa: SLF001 - who calls
            self._audit.note("network", f"connects to a database, by {driver.__name__}", doer)
            return connect(*args, **kwargs)

        setattr(driver, function, connect_and_note)
        self._undo.append(lambda: setattr(driver, function, connect))

    # ------------------------------------------------------------------ who does it

    def _listen_to_setters(self) -> None:
        for holder, name in _SETTERS:
            self._listen_to(holder, name)

    def _listen_to(self, holder: Any, name: str) -> None:
        setter = getattr(holder, name)

        def noted(*args: Any, **kwargs: Any) -> Any:
            doer = self._blame.of(sys._getframe(1))  # noqa: SLF001 - who calls
            if doer.where:
                about = args[0] if args else None
                key = about.name if isinstance(about, logging.Filterer) and hasattr(about, "name") else about
                with contextlib.suppress(TypeError):  # what cannot be a key
                    self._setters[name, key] = doer
                self._setters[holder.__name__, None] = doer
            return setter(*args, **kwargs)

        setattr(holder, name, noted)

        def undo() -> None:
            if getattr(holder, name) is noted:
                setattr(holder, name, setter)

        self._undo.append(undo)

    def _where(self, change: Change) -> str:
        kind, key, _, after = change
        if kind == "hook" and "." not in key:
            after = vars(builtins).get(key)
        doers: list[Doer | None] = []
        match kind:
            case "environment":
                doers = [self._audit.putenv.get(os.fsdecode(key))]
            case "working folder":
                doers = [self._audit.chdir]
            case "signal":
                doers = [self._setters.get(("signal", key))]
            case "warning filters":
                doers = [self._setters.get(("warnings", None))]
            case "setting":
                doers = [self._setters.get(("socket", None))] if "socket" in key else []
            case "logging" if isinstance(key, tuple):
                names = ("setLevel", "addHandler", "addFilter", "removeHandler")
                doers = [self._setters.get((name, key[0])) for name in names]
            case "logging":
                doers = [self._setters.get(("logging", None))]
        return next((doer.where for doer in doers if doer is not None and doer.where), "") or self._blame.place_of(
            _surroundings.value_of(after)
        )

    # ------------------------------------------------------------------ output

    def _listen_to_output(self) -> None:
        for descriptor, stream in ((1, sys.stdout), (2, sys.stderr)):
            self._listen_to_stream(descriptor, stream)
        self._listen_to_the_unheard()
        self._listen_to_warnings()

    def _listen_to_stream(self, descriptor: int, stream: Any) -> None:
        write = stream.write

        def write_and_note(text: str) -> Any:
            doer = self._blame.of(sys._getframe(1))  # noqa: SLF001 - who writes
            if doer.where:
                self._printer.setdefault(descriptor, doer)
            return write(text)

        # That of the object: it has no other way to know who writes.
        stream.write = write_and_note
        self._undo.append(lambda: delattr(stream, "write"))

    def _listen_to_the_unheard(self) -> None:
        """What is logged before anybody has set logging up, Python prints."""
        old = logging.lastResort

        def printed(record: logging.LogRecord) -> None:
            doer = self._blame.of(sys._getframe(1))  # noqa: SLF001 - below logging's own code
            what = f"logs at {record.levelname} while logging is not set up, so that Python prints it to stderr"
            self._audit.note("output", what, doer)

        last = logging.NullHandler(logging.WARNING)
        last.handle = printed  # type: ignore[method-assign, assignment]
        logging.lastResort = last

        def undo() -> None:
            if logging.lastResort is last:
                logging.lastResort = old

        self._undo.append(undo)

    def _listen_to_warnings(self) -> None:
        """A warning that Python shows by default is printed, too."""
        show = warnings.showwarning

        def show_and_note(message: Any, category: type[Warning], *args: Any, **kwargs: Any) -> None:
            if not issubclass(category, _UNSEEN):
                doer = self._blame.of(sys._getframe(1))  # noqa: SLF001 - below the code of warnings
                self._audit.note("output", f"gives a {category.__name__}, which Python prints to stderr", doer)
            show(message, category, *args, **kwargs)

        warnings.showwarning = show_and_note

        def undo() -> None:
            if warnings.showwarning is show_and_note:
                warnings.showwarning = show

        self._undo.append(undo)

    # ------------------------------------------------------------------ in words

    def _words(self, change: Change) -> Iterator[str]:
        kind, key, before, after = change
        if kind == "environment":
            name = os.fsdecode(key)
            yield f"sets the variable {name}" if after is not None else f"removes the variable {name}"
        elif kind == "working folder":
            yield f"changes to the folder {after}"
        elif kind == "signal":
            yield f"sets the handler of {_signal_name(key)}"
        elif kind == "warning filters":
            # One that is put in and one that is taken out are two; where an old one goes, it was to be cleared.
            verb = "adds" if (after or 0) > (before or 0) else "removes"
            yield f"{verb} the filter {key[0]!r} for {key[2].__name__}"
        elif kind == "logging" and isinstance(key, tuple):
            yield from self._logger_words(key[0], before, after)
        elif kind == "hook" and "." not in key:
            yield f"replaces the builtin {key}"
        else:
            yield f"changes {key}" if kind == "setting" else f"sets {key}" if kind == "logging" else f"replaces {key}"

    def _logger_words(self, name: str, before: Any, after: Any) -> Iterator[str]:
        level, handlers, filters, disabled, propagate = before or (0, (), (), False, True)
        level_now, handlers_now, filters_now, disabled_now, propagate_now = after or (0, (), (), False, True)
        root = name == "root"
        called = "the root logger" if root else f"the logger {name!r}"
        new = [type(_surroundings.value_of(handler)) for handler in handlers_now if handler not in handlers]
        # The root's is a different matter: with it, basicConfig() would do nothing any more.
        loud = [kind.__name__ for kind in new if root or kind is not logging.NullHandler]
        if loud:
            yield f"gives {called} a {loud[0]}"
        if not root and self._is_own_logger(name):
            return
        if any(handler not in handlers_now for handler in handlers):
            yield f"takes a handler from {called}"
        if level != level_now:
            yield f"sets the level of {called} to {logging.getLevelName(level_now)}"
        if filters != filters_now:
            yield f"changes the filters of {called}"
        if (disabled, propagate) != (disabled_now, propagate_now):
            yield f"switches {called} off" if disabled_now else f"sets propagate of {called}"

    def _is_own_logger(self, name: str) -> bool:
        if any(f"{name}.".startswith(f"{own}.") for own in self._names):
            return True
        top = name.partition(".")[0]
        try:
            spec = importlib.util.find_spec(top)
        except (ImportError, ValueError):
            return True
        return spec is None or self._blame.is_own(spec.origin or "")

    def _tell_filters_apart(self) -> None:
        """Replace the filter that the sensors have set by one that does the same and equals no other.

        Otherwise a source that sets the very same one would change nothing.
        """
        entries: list[Any] = []
        for index, (action, message, category, module, line) in enumerate(warnings.filters):
            # A group of its own, which matches nothing: the text stays as open as it was.
            pattern = message if message is not None else re.compile(f"(?#{index})")
            entries.append((action, pattern, category, module, line))
        warnings.filters[:] = entries  # type: ignore[index]
        getattr(warnings, "_filters_mutated", lambda: None)()


def _lengths() -> tuple[int, int]:
    """How much was printed so far to stdout and stderr, where these are files, as the sensors make them."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(ValueError, OSError, AttributeError):  # the source may have closed or replaced it
            stream.flush()
    return os.fstat(1).st_size, os.fstat(2).st_size


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
