"""Finds what a source left behind in its process: threads, tasks, child processes, sockets, file handles, temporary files.

All of it is compared with a baseline, so that what was there before the source (the project's fixtures, the kit) does not
count; neither does what a library keeps for the whole process.
"""

from __future__ import annotations

import contextlib
import gc
import os
import socket
import stat
import sys
import tempfile
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from panoply_testing._audit import COMPILED
from panoply_testing._blame import NOBODY, Doer
from panoply_testing._pools import let_go
from panoply_testing._sensors import Piece
from panoply_testing.footprints import Trace

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Iterator

    from panoply_testing._audit import Audit
    from panoply_testing._blame import Blame

__all__ = ["Leftovers", "given_paths"]

# A thread that was told to end, a connection that is being closed, may take this long: as `_sensors.settle`.
_SETTLE_SECONDS: Final = 0.25

# What tools put into a working folder while a source runs there.
_OF_TOOLS: Final = (".pytest_cache", ".hypothesis", ".coverage", ".mypy_cache", ".ruff_cache", ".git", COMPILED)

# What a folder of the user's is for: files in it are meant to stay, also where somebody works in the home folder.
_MEANT_TO_STAY: Final = (".cache", ".config", ".local")

# What is read of a file that was left, to look for credentials in it.
_MOST_TEXT: Final = 1 << 20
_MOST_FILES: Final = 20

# Where random numbers come from: what asks for them (OpenSSL) keeps it open for the whole process.
_RANDOM: Final = ("/dev/urandom", "/dev/random")


def given_paths(*values: object) -> tuple[str, ...]:
    """The paths among params and options: a file that the user asked for is not a temporary one."""
    found: list[str] = []
    todo = list(values)
    for value in todo:
        if isinstance(value, Mapping):
            todo += value.values()
        elif isinstance(value, list | tuple):
            todo += value
        elif isinstance(value, str) and os.sep in value and "\0" not in value:
            found.append(os.path.abspath(value))  # noqa: PTH100 - as the audit hook has them
    return tuple(path for path in found if path != os.sep)


class Leftovers:
    """What is there now and was not at the baseline.

    Args:
        audit: knows where things were opened, begun and made.
        blame: tells whose line a frame is on.
        given: files and folders that the user named.
    """

    def __init__(self, audit: Audit, blame: Blame, given: tuple[str, ...] = ()) -> None:
        self._audit = audit
        self._blame = blame
        self._given = given
        self._descriptors: dict[int, tuple[int, int]] = {}
        self._threads: set[int] = set()
        self._processes: set[int] = set()
        self._folder = ""
        self._listed: set[str] = set()
        self._left_files: dict[str, Doer] = {}

    def baseline(self) -> None:
        """What is there from here on was left by the source."""
        # What exists by now is no garbage of the source's: without it, a collection takes a moment instead of a tenth of
        # a second.
        gc.freeze()
        self._descriptors = {number: identity for number, identity, _ in _descriptors()}
        self._threads = set(sys._current_frames())  # noqa: SLF001 - the only way to see all of them
        self._processes = {pid for pid, _, _ in _processes()} if _has_children() else set()
        self._folder = _folder()
        self._listed = _names(self._folder)

    def tasks(self, loop: asyncio.AbstractEventLoop | None) -> tuple[Trace, ...]:
        """The tasks that are not done on the driver's loop. To be asked before that is closed, which would cancel them."""
        if loop is None or loop.is_closed() or loop.is_running():
            return ()
        import asyncio  # noqa: PLC0415 - only where it is in use

        # Those by which the loop is woken up.
        of_the_loop = {
            made.fileno() for name in ("_ssock", "_csock") if (made := getattr(loop, name, None)) is not None
        }

        async def rest() -> list[asyncio.Task[Any]]:
            deadline = time.monotonic() + _SETTLE_SECONDS
            for _ in range(5):  # what was cancelled or closed takes a few rounds of the loop
                await asyncio.sleep(0)
            while True:
                others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
                if not (others or self._new_sockets() - of_the_loop) or time.monotonic() > deadline:
                    return others
                await asyncio.sleep(0.01)

        return tuple(self._task(task) for task in loop.run_until_complete(rest()))

    def left(self) -> tuple[Trace, ...]:
        """All the rest. To be asked after the second `close()`, and once the driver's loop is closed."""
        deadline = time.monotonic() + _SETTLE_SECONDS
        while self._audit.raw_begun < self._audit.raw_threads and time.monotonic() < deadline:
            time.sleep(0.001)
        found = self._look()
        while found:
            # What ends meanwhile may be what something else was held by.
            gc.collect()
            found = self._look()
            if time.monotonic() > deadline or all(trace.kind == "temporary file" for trace in found):
                break
            time.sleep(0.01)
        return tuple(found)

    def left_texts(self) -> Iterator[Piece]:
        """The beginning of each file that `left()` found."""
        todo = [(path, doer) for path, doer in self._left_files.items()]
        for number, (path, doer) in enumerate(todo):
            if number >= _MOST_FILES:
                return
            # It may be gone by now, or be no plain file.
            with contextlib.suppress(OSError):
                if os.path.isdir(path):  # noqa: PTH112 - a text, as everywhere here
                    todo += [(os.path.join(path, name), doer) for name in sorted(os.listdir(path))]  # noqa: PTH118, PTH208
                elif stat.S_ISREG(os.lstat(path).st_mode):
                    with open(path, "rb") as file:  # noqa: PTH123
                        text = file.read(_MOST_TEXT).decode("utf-8", "replace")
                    yield Piece(f"the file {path}", text, doer.where)

    def _look(self) -> list[Trace]:
        return [*self._new_threads(), *self._new_processes(), *self._new_descriptors(), *self._new_files()]

    # ------------------------------------------------------------------ threads and tasks

    def _new_threads(self) -> Iterator[Trace]:
        frames = sys._current_frames()  # noqa: SLF001 - as above
        new = frames.keys() - self._threads - {threading.get_ident()}
        known = {thread.ident: thread for thread in threading.enumerate()} if new else {}
        for ident in new:
            thread = known.get(ident)
            if isinstance(thread, threading._DummyThread) or _is_for_everybody(thread):  # noqa: SLF001 - C code's own
                continue
            doer = self._blame.starter(thread) if thread is not None else NOBODY
            at = self._blame.of(frames[ident]).where
            where = doer.where or at
            what = f"the thread {thread.name!r}" if thread is not None else "a thread without a name"
            if at and at != where:
                what += f", which is at {at}"
            yield _left("thread", what, Doer(where=where) if where else doer)

    def _task(self, task: asyncio.Task[Any]) -> Trace:
        where = ""
        waiting: Any = task.get_coro()
        while waiting is not None:
            frame = getattr(waiting, "cr_frame", None)
            if frame is not None and self._blame.is_own(frame.f_code.co_filename):
                where = self._blame.of(frame).where
            waiting = getattr(waiting, "cr_await", None)
        name = getattr(task.get_coro(), "__qualname__", "")
        return Trace(kind="task", what=f"the task {task.get_name()!r} ({name})", where=where)

    # ------------------------------------------------------------------ processes

    def _new_processes(self) -> Iterator[Trace]:
        subprocess = sys.modules.get("subprocess")
        if subprocess is not None:
            subprocess._cleanup()  # noqa: SLF001 - collects those whose Popen is garbage, as the next Popen would
        if not (self._audit.started or _has_children()):
            return
        for pid, state, command in _processes():
            if pid in self._processes or pid in _for_everybody():
                continue
            doer = self._begun(command)
            program = " ".join(command) or "its name is not known"
            if state == "Z":
                what = f"a child process that has ended and was not waited for ({program})"
            else:
                what = f"the child process {pid} ({program})"
            yield Trace(kind="process", what=what, where=doer.where, by=doer.by if doer != NOBODY else "")

    def _begun(self, command: tuple[str, ...]) -> Doer:
        begun = self._audit.processes
        for words, doer in reversed(begun):
            if words == command or (len(command) == 1 and words and os.path.basename(words[0])[:15] == command[0]):  # noqa: PTH119
                return doer
        return self._audit.forked if self._audit.forked != NOBODY else begun[-1][1] if begun else NOBODY

    # ------------------------------------------------------------------ sockets and file handles

    def _new_sockets(self) -> set[int]:
        return {
            number
            for number, identity, mode in _descriptors()
            if stat.S_ISSOCK(mode) and self._is_new(number, identity)
        }

    def _is_new(self, number: int, identity: tuple[int, int]) -> bool:
        return self._descriptors.get(number) != identity

    def _new_descriptors(self) -> Iterator[Trace]:
        ended = let_go() if self._new_sockets() else set()
        for number, identity, mode in _descriptors():
            if not self._is_new(number, identity) or number in _for_everybody() or number in ended:
                continue
            if stat.S_ISSOCK(mode):
                what, doer = self._socket(number)
                yield _left("socket", what, doer)
            elif stat.S_ISFIFO(mode):
                yield _left("file handle", "one end of a pipe", NOBODY)
            elif stat.S_IFMT(mode):  # the others are the system's: what an event loop waits with, a timer
                path = _path_of(number)
                if path not in _RANDOM:
                    opened, name = self._audit.opened, path.removesuffix(" (deleted)")
                    # A file that never had a name was opened by that of its folder.
                    doer = opened.get(name) or opened.get(os.path.dirname(name), NOBODY)  # noqa: PTH120 - a text
                    yield _left("file handle", f"the open file {path}", doer)

    def _socket(self, number: int) -> tuple[str, Doer]:
        for reference, doer in list(self._audit.sockets.items()):
            made = reference()
            if made is not None and made.fileno() == number:
                return f"a socket{_ends(made)}", doer
        with contextlib.suppress(OSError), socket.socket(fileno=os.dup(number)) as copy:
            return f"a socket{_ends(copy)}", NOBODY
        return "a socket", NOBODY

    # ------------------------------------------------------------------ files

    def _new_files(self) -> Iterator[Trace]:
        self._audit.read_of_others()
        self._left_files = {}
        created = self._audit.created
        if not created and not self._audit.started:
            return
        here = _folder()
        roots = {tempfile.gettempdir(), self._folder, here} - {"", os.sep}
        if self._audit.started:
            # What a program wrote there, nobody heard.
            made = {os.path.join(here, name) for name in _names(here) - self._listed} if here == self._folder else set()  # noqa: PTH118
            created = {**dict.fromkeys(made, self._begun(())), **created}
        for path, doer in sorted(created.items()):
            if self._counts(path, roots) and not any(_within(path, upper) for upper in self._left_files):
                self._left_files[path] = doer
                what = "folder" if os.path.isdir(path) else "file"  # noqa: PTH112
                yield _left("temporary file", f"the {what} {path}", doer)

    def _counts(self, path: str, roots: set[str]) -> bool:
        root = next((root for root in roots if _within(path, root) and path != root), None)
        if root is None or not os.path.lexists(path) or any(_within(path, given) for given in self._given):
            return False
        below = Path(path).relative_to(root).parts
        if below[0].startswith(_OF_TOOLS) or "site-packages" in below or COMPILED in below:
            return False
        if root == str(Path.home()) and below[0] in _MEANT_TO_STAY:
            return False
        # The folder of the libraries that work with several processes, which they remove at the end of this one.
        return not _within(path, _shared_folder())


def _left(kind: Any, what: str, doer: Doer) -> Trace:
    return Trace(kind=kind, what=what, where=doer.where, by=doer.by if doer != NOBODY else "")


def _within(path: str, folder: str) -> bool:
    return bool(folder) and (path == folder or path.startswith(folder + os.sep))


def _folder() -> str:
    try:
        return os.getcwd()  # noqa: PTH109 - compared with texts
    except OSError:  # somebody has removed it
        return ""


def _names(folder: str) -> set[str]:
    try:
        return set(os.listdir(folder)) if folder else set()  # noqa: PTH208 - as above
    except OSError:
        return set()


def _descriptors() -> Iterator[tuple[int, tuple[int, int], int]]:
    """Each open descriptor: its number, what it stands for, and the kind of that."""
    for name in os.listdir("/dev/fd"):  # noqa: PTH208
        # The one that the list itself was read with is closed by now.
        with contextlib.suppress(OSError):
            status = os.fstat(int(name))
            yield int(name), (status.st_dev, status.st_ino), status.st_mode


def _path_of(number: int) -> str:
    try:
        return os.readlink(f"/proc/self/fd/{number}")  # noqa: PTH115
    except OSError:  # not on this system
        return f"number {number}"


def _ends(made: socket.socket) -> str:
    """Where a socket leads, in words."""
    try:
        peer = made.getpeername()
    except OSError:
        with contextlib.suppress(OSError):
            name = made.getsockname()
            return f" at {name[0]}:{name[1]}" if isinstance(name, tuple) else ""
        return ""
    if isinstance(peer, tuple):
        return f" connected to {peer[0]}:{peer[1]}"
    return (
        " connected to another one in this process, as an event loop has two" if not peer else f" connected to {peer!r}"
    )


def _has_children() -> bool:
    """Whether there is a child process, also one that has ended and was not waited for."""
    if not hasattr(os, "waitid"):  # macOS before Python 3.13
        return True
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return False
    return True


def _processes() -> list[tuple[int, str, tuple[str, ...]]]:
    """The processes below this one, and those of its group that have lost their parent: number, state, command line."""
    me = os.getpid()
    leads = os.getpgrp() == me
    rows: dict[int, tuple[int, int, str, str]] = {}
    for name in filter(str.isdigit, _names("/proc")):
        with contextlib.suppress(OSError):
            # The name, in brackets, may hold anything.
            text, _, rest = Path("/proc", name, "stat").read_text(errors="replace").rpartition(")")
            fields = rest.split()
            rows[int(name)] = int(fields[1]), int(fields[2]), fields[0], text.partition("(")[2]
    below = [me]
    for pid in below:
        below += [child for child, (parent, *_) in rows.items() if parent == pid]
    found = []
    for pid, (_, group, state, command) in rows.items():
        if pid != me and (pid in below or (leads and group == me)):
            words: tuple[str, ...] = ()
            with contextlib.suppress(OSError):
                data = Path("/proc", str(pid), "cmdline").read_bytes()
                words = tuple(word.decode("utf-8", "replace") for word in data.split(b"\0")[:-1])
            found.append((pid, state, words or (command,)))
    return found


def _is_for_everybody(thread: threading.Thread | None) -> bool:
    """Whether a library keeps this thread for the whole process, and nobody could end it."""
    return type(thread).__module__.partition(".")[0] == "tqdm"


def _for_everybody() -> set[int]:
    """The processes, and the handles to them, that multiprocessing keeps for the whole process."""
    found = set()
    for module, name, attributes in (
        ("multiprocessing.resource_tracker", "_resource_tracker", ("_pid", "_fd")),
        ("multiprocessing.forkserver", "_forkserver", ("_forkserver_pid", "_forkserver_alive_fd")),
    ):
        keeper = getattr(sys.modules.get(module), name, None)
        found |= {getattr(keeper, attribute, None) for attribute in attributes}
    return {number for number in found if isinstance(number, int)}


def _shared_folder() -> str:
    process = sys.modules.get("multiprocessing.process")
    config: Any = getattr(getattr(process, "_current_process", None), "_config", {})
    return str(config.get("tempdir") or "")
