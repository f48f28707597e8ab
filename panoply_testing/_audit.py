"""Hears from Python itself what is done in this process: files written, processes started, sockets made, names looked up.

An audit hook is called for every event and can never be taken away again: it is made for a process that exists for one
run, and looks away at once where the event is none of its own.
"""

from __future__ import annotations

import _thread
import os
import pickle
import re
import shlex
import sys
import tempfile
import threading
import weakref
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from panoply_testing._blame import NOBODY
from panoply_testing._sensors import Piece, is_of_a_library
from panoply_testing.footprints import Trace
from panoply_testing.secrets import join_arguments

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from panoply_testing._blame import Blame, Doer
    from panoply_testing.footprints import TraceKind

__all__ = ["Audit"]

_WRITING: Final = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND

# A file that never has a name, where the system knows such: its folder is what is opened.
_UNNAMED: Final = getattr(os, "O_TMPFILE", -1)

# What lies there is no file, whatever is written to it.
_DEVICES: Final = ("/dev/", "/proc/", "/sys/")

# Where Python keeps what it has compiled.
COMPILED: Final = "__pycache__"

# How many opened files are remembered, to say of one that stays open where that was.
_MOST_OPENED: Final = 2000

# ... and of how many it is told that the source's own code had to do with them.
_MOST_TOUCHED: Final = 200

# What need not be looked up.
_ADDRESS: Final = re.compile(r"[\d.]+|[0-9a-fA-F:.]*:[0-9a-fA-F:.%\w]*")

_CHANNEL: Final = "the arguments of a process"


class Audit:
    """What the events of this process say.

    Attributes:
        blame: tells whose doing an event was.
        opened: where each file was opened, the last ones.
        created: the files and folders that were made, and by whom: those that were not there before.
        touched: what the source's own code did with which file, the first ones: path, how, and by whom.
        putenv: who last set each variable of the environment. `chdir`, `forked`: who last did that.
        problem: the first event that this failed to look at, and by what; what is known is not all, then.
        started: how many processes were started. `raw_threads`: how many threads without a threading.Thread,
            `raw_begun`: and how many of those have come to run.
    """

    def __init__(self, blame: Blame) -> None:
        self.blame = blame
        self.opened: dict[str, Doer] = {}
        self.created: dict[str, Doer] = {}
        self.touched: dict[tuple[str, str], Doer] = {}
        self.putenv: dict[str, Doer] = {}
        self.chdir: Doer = NOBODY
        self.forked: Doer = NOBODY
        self.sockets: dict[weakref.ref[Any], Doer] = {}
        self.processes: list[tuple[tuple[str, ...], Doer]] = []
        self.problem = ""
        self.started = 0
        self.raw_threads = self.raw_begun = 0
        self._told_of = 0
        self._importing: list[Trace] | None = None
        self._pid = os.getpid()
        self._busy = threading.local()
        # What a forked process does is done in its copy of all this. It writes it down where both can read.
        self._shared = _shared_file()
        self._read = 0
        self._actions: dict[str, Callable[[tuple[Any, ...]], None]] = {
            "open": self._open,
            "sqlite3.connect": self._database,
            "os.mkdir": self._made,
            "os.rename": self._moved,
            "os.link": self._moved,
            "os.symlink": self._moved,
            "os.remove": self._removed,
            "os.rmdir": self._removed,
            "os.truncate": self._removed,
            "os.chdir": self._changed_folder,
            "os.putenv": self._set_variable,
            "os.unsetenv": self._set_variable,
            "socket.__new__": self._socket,
            "socket.connect": self._connects,
            "socket.bind": self._listens,
            "socket.sendto": self._sends,
            "socket.sendmsg": self._sends,
            "socket.getaddrinfo": self._looks_up,
            "socket.gethostbyname": self._looks_up,
            "socket.gethostbyaddr": self._looks_up,
            "socket.getnameinfo": self._looks_up_address,
            "subprocess.Popen": self._popen,
            "os.posix_spawn": self._program,
            "os.exec": self._exec,
            "os.spawn": self._spawn,
            "os.system": self._system,
            "pty.spawn": self._pty,
            "os.fork": self._fork,
            "os.forkpty": self._fork,
        }

    def start(self) -> None:
        """Begin to listen, for the rest of this process."""
        actions, busy = self._actions, self._busy

        def hook(event: str, args: tuple[Any, ...]) -> None:
            act = actions.get(event)
            if act is None or getattr(busy, "now", False):
                return
            busy.now = True
            try:
                act(args)
            except Exception as exc:  # noqa: BLE001 - it would be raised in the source, at a call that is in order
                self.problem = self.problem or f"{type(exc).__name__} at the event {event}"
            finally:
                busy.now = False

        sys.addaudithook(hook)
        # Not every version of Python tells of a thread.
        for holder, name in (
            (threading, "_start_new_thread"),
            (threading, "_start_joinable_thread"),
            (_thread, "start_new_thread"),
        ):
            self._listen_to_threads(holder, name)

    def _listen_to_threads(self, holder: Any, name: str) -> None:
        start = getattr(holder, name, None)
        if start is None:
            return

        def start_and_note(*args: Any, **kwargs: Any) -> Any:
            if args and not getattr(self._busy, "now", False):
                self._thread(args)
                if not isinstance(getattr(args[0], "__self__", None), threading.Thread):
                    args = (self._begins(args[0]), *args[1:])
            return start(*args, **kwargs)

        setattr(holder, name, start_and_note)

    def _begins(self, run: Any) -> Any:
        """Count a thread that nobody waits for from when it has begun: until then it cannot be seen."""
        if not callable(run):
            return run  # for Python to refuse

        def begin(*args: Any, **kwargs: Any) -> Any:
            self.raw_begun += 1
            return run(*args, **kwargs)

        return begin

    def imports(self) -> None:
        """From now on, note what a module must not do while it is imported."""
        self._importing = []

    def imported(self) -> list[Trace]:
        """End that, and give what was noted."""
        found, self._importing = self._importing or [], None
        return found

    def note(self, kind: TraceKind, what: str, doer: Doer) -> None:
        """Add something to what is noted of an import, once."""
        if self._importing is not None and os.getpid() == self._pid:
            trace = Trace(kind=kind, what=what, where=doer.where, by=doer.by)
            if trace not in self._importing:
                self._importing.append(trace)

    def drain_processes(self) -> list[Piece]:
        """The arguments of the processes started since the last time, those that forked processes started included."""
        self.read_of_others()
        new, self._told_of = self.processes[self._told_of :], len(self.processes)
        return [Piece(_CHANNEL, text, doer.where) for words, doer in new for text in dict.fromkeys(_readings(words))]

    def read_of_others(self) -> None:
        """Take in what processes that the source has forked have written down."""
        data = os.pread(self._shared, os.fstat(self._shared).st_size - self._read, self._read)
        self._read += len(data)
        for line in data.splitlines():
            # A process may end, or be killed, in the midst of a line.
            with suppress(ValueError, EOFError, pickle.UnpicklingError):
                kind, value, doer = pickle.loads(bytes.fromhex(line.decode()))  # noqa: S301 - our own process wrote it
                if kind == "created":
                    self.created.setdefault(value, doer)
                else:
                    self.processes.append((value, doer))

    def _tell(self, kind: str, value: object, doer: Doer) -> bool:
        """Where this is a forked process: write it down for the one that is observed."""
        if os.getpid() == self._pid:
            return False
        os.write(self._shared, pickle.dumps((kind, value, doer)).hex().encode() + b"\n")
        return True

    def _doer(self) -> Doer:
        return self.blame.of(sys._getframe(3))  # noqa: SLF001 - _doer, the action, the hook, who caused the event

    # ------------------------------------------------------------------ files

    def _open(self, args: tuple[Any, ...]) -> None:
        path, _, flags = args
        if isinstance(path, int) or not isinstance(flags, int):
            return
        path = _absolute(path)
        if COMPILED in path or path.startswith(_DEVICES):
            return
        doer = self._doer()
        if len(self.opened) > _MOST_OPENED:
            self.opened.clear()
        self.opened[path] = doer
        unnamed = flags & _UNNAMED == _UNNAMED
        how = "written, without a name" if unnamed else "written" if flags & _WRITING else "read"
        self._touch(path, how, doer)
        if flags & _WRITING:
            self.note(
                "file written", f"makes a temporary file in {path}" if unnamed else f"opens {path} for writing", doer
            )
            if flags & os.O_CREAT:
                self._create(path, doer)

    def _touch(self, path: str, how: str, doer: Doer) -> None:
        if doer.where and len(self.touched) < _MOST_TOUCHED and not is_of_a_library(path):
            self.touched.setdefault((path, how), doer)

    def _database(self, args: tuple[Any, ...]) -> None:
        name = os.fsdecode(args[0])
        if name and not name.startswith((":", "file:")):
            path, doer = _absolute(name), self._doer()
            self.opened[path] = doer
            self._touch(path, "opened as a database", doer)
            self.note("file written", f"opens the database {path}", doer)
            self._create(path, doer)

    def _create(self, path: str, doer: Doer) -> None:
        if not os.path.lexists(path) and not self._tell("created", path, doer):
            self.created[path] = doer

    def _made(self, args: tuple[Any, ...]) -> None:
        path = _absolute(args[0])
        if not os.path.lexists(path) and COMPILED not in path:
            doer = self._doer()
            self._touch(path, "made, a folder", doer)
            self.note("file written", f"makes the folder {path}", doer)
            self._create(path, doer)

    def _moved(self, args: tuple[Any, ...]) -> None:
        if isinstance(args[0], int):
            return
        old, path = _absolute(args[0]), _absolute(args[1])
        if COMPILED in path:
            return
        doer = self._doer()
        self._touch(path, "renamed or linked to", doer)
        self.note("file written", f"renames or links {old} to {path}", doer)
        self._create(path, doer)

    def _removed(self, args: tuple[Any, ...]) -> None:
        if isinstance(args[0], int):
            return
        path = _absolute(args[0])
        if os.path.lexists(path) and COMPILED not in path:
            doer = self._doer()
            self._touch(path, "removed or shortened", doer)
            self.note("file written", f"removes or shortens {path}", doer)

    def _changed_folder(self, _: tuple[Any, ...]) -> None:
        self.chdir = self._doer()

    def _set_variable(self, args: tuple[Any, ...]) -> None:
        self.putenv[os.fsdecode(args[0])] = self._doer()

    # ------------------------------------------------------------------ network

    def _socket(self, args: tuple[Any, ...]) -> None:
        self.sockets[weakref.ref(args[0], self._forget)] = self._doer()

    def _forget(self, reference: weakref.ref[Any]) -> None:
        self.sockets.pop(reference, None)

    def _connects(self, args: tuple[Any, ...]) -> None:
        self.note("network", f"connects to {_address(args[1])}", self._doer())

    def _listens(self, args: tuple[Any, ...]) -> None:
        doer = self._doer()
        path = args[1]
        # That of a local socket is a file, unless it is none that the system can see.
        if isinstance(path, str | bytes) and path and path[:1] not in ("\0", b"\0"):
            self._create(_absolute(path), doer)
        # urllib3 looks whether there is IPv6 by binding to a port of the system's choice, at which nobody listens.
        if not doer.by:
            self.note("network", f"opens a port at {_address(args[1])}", doer)

    def _sends(self, args: tuple[Any, ...]) -> None:
        if args[1] is not None:  # otherwise it is connected, which was noted
            self.note("network", f"sends a datagram to {_address(args[1])}", self._doer())

    def _looks_up(self, args: tuple[Any, ...]) -> None:
        if args[0] is not None:
            name = os.fsdecode(args[0]) if isinstance(args[0], str | bytes) else str(args[0])
            if name and not _ADDRESS.fullmatch(name):
                self.note("network", f"looks up the name {name}", self._doer())

    def _looks_up_address(self, args: tuple[Any, ...]) -> None:
        self.note("network", f"looks up the name of {_address(args[0])}", self._doer())

    # ------------------------------------------------------------------ processes and threads

    def _popen(self, args: tuple[Any, ...]) -> None:
        self._process(_words(args[1]))

    def _program(self, args: tuple[Any, ...]) -> None:
        self._process(_words(args[1]))

    def _exec(self, args: tuple[Any, ...]) -> None:
        # Within a forked process, as a rule: the fork was noted.
        self._process(_words(args[1]))

    def _spawn(self, args: tuple[Any, ...]) -> None:
        self._process(_words(args[2]))

    def _system(self, args: tuple[Any, ...]) -> None:
        self._process(("sh", "-c", os.fsdecode(args[0])))

    def _pty(self, args: tuple[Any, ...]) -> None:
        self._process(_words(args[0]))

    def _process(self, words: tuple[str, ...]) -> None:
        doer = self.blame.of(sys._getframe(3))  # noqa: SLF001 - as in _doer
        self.started += 1
        for word in words:
            # A file that it is to write: nobody tells when it does.
            for path in word.replace("=", " ").replace(">", " ").split() if len(word) < 10_000 else ():
                if path.startswith(os.sep) and not path.startswith(_DEVICES):
                    self._create(os.path.normpath(path.strip("'\";")), doer)
        if self._tell("process", words, doer):
            return
        self.note("process", f"starts a process: {os.path.basename(words[0]) if words else 'a program'}", doer)  # noqa: PTH119 - a word, not a path
        if (words, doer) not in self.processes[-2:]:  # several events tell of one and the same process
            self.processes.append((words, doer))

    def _fork(self, _: tuple[Any, ...]) -> None:
        self.started += 1
        self.forked = self._doer()
        self.note("process", "forks its process", self.forked)

    def _thread(self, args: tuple[Any, ...]) -> None:
        thread = getattr(args[0], "__self__", None)
        doer = self._doer()
        if isinstance(thread, threading.Thread):
            self.blame.started(thread, doer)
        else:
            self.raw_threads += 1
        self.note("thread", f"starts the thread {getattr(thread, 'name', 'without a name')!r}", doer)


def _shared_file() -> int:
    if hasattr(os, "memfd_create"):
        descriptor = os.memfd_create("panoply")
    else:
        descriptor, path = tempfile.mkstemp(prefix="panoply-")
        os.unlink(path)  # noqa: PTH108 - a path as tempfile gives it
    import fcntl  # noqa: PLC0415 - not where there is no fork

    # Each writes at the end, whoever has written there meanwhile.
    fcntl.fcntl(descriptor, fcntl.F_SETFL, os.O_APPEND)
    return descriptor


def _absolute(path: Any) -> str:
    return os.path.abspath(os.fsdecode(path))  # noqa: PTH100 - quick, and without following links


def _words(args: Any) -> tuple[str, ...]:
    if isinstance(args, str | bytes) or hasattr(args, "__fspath__"):
        return (os.fsdecode(args),)
    return tuple(os.fsdecode(word) for word in args)


def _readings(words: tuple[str, ...]) -> Iterator[str]:
    """The texts to look through: the whole line, each argument, and what a shell makes of one that it is given."""
    yield from join_arguments(words)
    for word in words:
        yield word
        if any(quote in word for quote in "'\"\\"):
            # No shell's language, then.
            with suppress(ValueError):
                yield " ".join(shlex.split(word))


def _address(address: Any) -> str:
    if isinstance(address, tuple) and len(address) >= 2:
        host = f"[{address[0]}]" if ":" in str(address[0]) else address[0]
        return f"{host}:{address[1]}"
    return os.fsdecode(address) if isinstance(address, str | bytes) else str(address)
