r"""Records on disk, from when they are accepted to when they are delivered, so that the end of a process is not theirs.

What is kept is what `encoding` makes: lines. When they are sent, and what becomes of them, is decided elsewhere.

    PATH/                   the spool, which any number of processes may share
      OWNER/                a folder for each queue: nobody delivers what belongs to another
        20-DIGITS-HEX/      a session: what one `Spool` keeps
          lock              locked while that one lives; the kernel unlocks it, however the process ends
          00000001.jsonl    a segment: the lines of one message, {"__table":"t",...}\n each

Whoever gets the lock of a session whose process is gone moves its segments into the own session, and has them to deliver.
Nobody else has, as the kernel gives the lock to one at a time. Who dies between the delivery and the deletion of a segment
leaves it to be delivered again.

What is to outlive what decides how long `write` takes. If it is 1 without a spool, it is, for small records on a local disk,
about this:

    ====================  =============================  ==========  ==================  ================
    what outlives         the program's end              SIGKILL     a power cut         `write` takes
    ====================  =============================  ==========  ==================  ================
    no spool              what is sent within 5 seconds  nothing     nothing             1
    a spool               everything                     everything  all but the newest  6
    a spool, `sync=True`  everything                     everything  everything          hundreds
    ====================  =============================  ==========  ==================  ================

Without `sync`, records are the kernel's as soon as `append` returns, and it writes them to the disk when it likes (Linux
within half a minute): a crash of the machine takes those with it, one of the process does not. With it each one waits for
the disk, whose own promise is all that is left to trust; macOS keeps it only up to the drive's cache.

An embedded database was measured in place of these files: one INSERT of SQLite's in WAL mode, without a wait for the disk,
takes ten times as long as one write to a file that only grows; and nothing here needs a query.
"""

from __future__ import annotations

import contextlib
import errno
import json
import logging
import os
import re
import stat
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import orjson

from panoply._spool_session import (
    FILE_MODE,
    FOLDER_MODE,
    OPEN_FLAGS,
    READ_FLAGS,
    Session,
    cause,
    segment_name,
    sessions_in,
)
from panoply.errors import SpoolError

__all__ = ["Leftover", "Spool"]

_OWNER: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")

# A message has 256 KiB at most. What is far larger is no segment, and is not read into memory.
_MAX_SEGMENT: Final = 16 * 1024 * 1024

_NO_LOCKS: Final = frozenset({errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS})

_log = logging.getLogger("panoply.spool")


class Spool:
    """The lines of messages that are not delivered yet, on disk.

    `append` and `close` are called by one thread at a time, and nothing is appended to a batch while it is dropped.
    Everything else may be called by any thread at any time.

    Args:
        path: a folder. It is made if it is missing, and may be shared with other processes.
        owner: whose records these are: letters, digits, `_` and `-`. Only the same owner's are delivered.
        sync: have `append` wait until the line is on the disk itself, so that a power cut leaves it there.

    Raises:
        SpoolError: nothing can be kept there.
    """

    __slots__ = ("_batch", "_closed", "_fd", "_guard", "_home", "_path", "_session", "_sync")

    def __init__(self, path: str | os.PathLike[str], *, owner: str, sync: bool = False) -> None:
        if not os.fspath(path):
            raise ValueError("the spool's path is empty: name a folder")
        if not _OWNER.fullmatch(owner):
            raise ValueError("the owner of a spool's records has up to 64 letters, digits, '_' and '-'")
        self._path = Path(path).absolute()  # the program may go elsewhere
        self._home = self._path / owner
        self._sync = sync
        self._batch: int | None = None  # whose segment is open
        self._fd = -1
        self._closed = False
        # Guards all of this but in `append`. Reentrant, as a signal's handler may close the spool wherever the program is.
        self._guard = threading.RLock()
        try:
            made = _make_folder(self._path) + _make_folder(self._home)
            self._session = Session.make(self._home)
            try:
                for folder in {*(each.parent for each in made), self._path, self._home} if sync else ():
                    _sync_folder(folder)
            except OSError:
                self._session.release()
                raise
        except OSError as exc:
            raise _unusable(self._path, exc) from exc

    def __repr__(self) -> str:
        return f"<panoply.spool.Spool {str(self._path)!r}, {'closed' if self._closed else 'open'}>"

    @property
    def path(self) -> Path:
        """The folder that it was made for."""
        return self._path

    def append(self, batch: int, line: bytes) -> None:
        """Keep a line, the last one of that batch so far. When this returns, it outlives the process.

        Raises:
            SpoolError: the disk is full, for example. Nothing of the line is there, and all lines before are.
        """
        if batch != self._batch:
            self._begin(batch)
        written = 0
        try:
            written = os.write(self._fd, line)
            while written < len(line):  # the disk is full, and will say so when it is given the rest
                written += os.write(self._fd, line[written:])
            if self._sync:
                _sync_file(self._fd)
        except OSError as exc:
            self._undo(written)
            raise self._refusal(exc) from exc
        except BaseException:
            # Ctrl-C, and nobody knows how much is written: when the segment is opened again, part of a line is cut off.
            self._end()
            raise

    def drop(self, batch: int) -> None:
        """Delete the lines of a batch, which have been delivered or handed back. There need not be any.

        Raises:
            SpoolError: they cannot be deleted. The next one on this spool will deliver them, perhaps again.
        """
        with self._guard:
            if batch == self._batch:
                self._end()
        self._session.drop(segment_name(batch))

    def leftovers(self) -> list[Leftover]:
        """Take over what processes that are gone have left behind, oldest first. It is this spool's from now on.

        Nobody else gets any of it until this spool is closed, or its process has ended. It may be called again.

        Raises:
            SpoolError: the spool is closed, or cannot be looked through.
        """
        self._refuse_if_closed()
        try:
            folders = sessions_in(self._home)
        except OSError as exc:
            raise _unusable(self._path, exc) from exc
        found: list[Leftover] = []
        for folder in folders:
            # As this spool's own session has to be locked until the other's segments are in it.
            with self._guard:
                self._refuse_if_closed()
                found += self._take_over(folder)
        return sorted(found, key=lambda leftover: leftover.path.name)

    def close(self) -> None:
        """Leave what is not dropped to the next one on this spool. To close again does nothing."""
        with self._guard:
            if self._closed:
                return
            self._closed = True
            self._end()
            self._session.release()

    def forked(self) -> None:
        """Let go of everything, without a trace: this is a child process, and it all belongs to the parent.

        A lock is the parent's as long as any process has its file open: a child that did not call this would keep what a
        parent that was killed has left behind from being delivered.
        """
        # Another thread may have had the lock when the process forked. There is no other thread now.
        self._guard = threading.RLock()
        self._closed = True
        self._end()
        self._session.forget()

    def _take_over(self, folder: Path) -> list[Leftover]:
        """What is in a session's folder, unless its process lives or somebody else is just doing this."""
        found: list[Leftover] = []
        other = None
        try:
            other = Session.claim(folder)
            if other is not None:
                for path, size in self._session.take_over(other):
                    found.append(Leftover(path=path, size=size, _session=self._session))
        except OSError as exc:
            with contextlib.suppress(Exception):  # logging has handlers, which are foreign
                _log.warning("Records in %r cannot be delivered for now: %s.", str(folder), cause(exc))
        finally:
            if other is not None:
                other.release()
        return found

    # --- the open segment

    def _begin(self, batch: int) -> None:
        """Have the batch's segment open, and whole."""
        with self._guard:
            self._refuse_if_closed()
            self._end()
            path = self._session.folder / segment_name(batch)
            try:
                fd = os.open(path, OPEN_FLAGS, FILE_MODE)
                try:
                    _cut_off_part(fd)
                    if self._sync:
                        _sync_folder(self._session.folder)
                except BaseException:
                    os.close(fd)
                    raise
            except OSError as exc:
                raise self._refusal(exc) from exc
            self._fd, self._batch = fd, batch

    def _end(self) -> None:
        """Have no segment open."""
        with self._guard:
            fd, self._fd, self._batch = self._fd, -1, None
            if fd >= 0:
                with contextlib.suppress(OSError):  # it is closed in any case
                    os.close(fd)

    def _undo(self, written: int) -> None:
        """Take back so many bytes at the segment's end."""
        with self._guard:
            self._batch = None  # first: should this be interrupted, the segment is made whole when it is opened again
            # If the disk refuses this as well, part of a line is cut off then, or left out when it is read.
            with contextlib.suppress(OSError):
                os.ftruncate(self._fd, os.fstat(self._fd).st_size - written)
            self._end()

    def _refusal(self, exc: OSError) -> SpoolError:
        return SpoolError(
            f"the record was not accepted, as the spool {str(self._path)!r} does not take it: {cause(exc)}. "
            "Make room there, or see to its disk, and write the record again",
            exc.errno,
        )

    def _refuse_if_closed(self) -> None:
        if self._closed:
            raise SpoolError(f"the spool {str(self._path)!r} is closed")


@dataclass(frozen=True, slots=True, kw_only=True)
class Leftover:
    """A segment of a process that is gone, to be delivered by this one.

    Attributes:
        path: the file.
        size: how many bytes it has.
    """

    path: Path
    size: int
    _session: Session = field(repr=False, compare=False)

    def lines(self) -> tuple[list[tuple[str, bytes]], int]:
        """The tables and lines, as they were appended, and how many more are in there of which only a part is left.

        Of a process that was killed that can only be the last line, which was not accepted. Where it is others, the machine
        or its disk broke down.

        Raises:
            SpoolError: the file cannot be read, or is no segment, being far too large. It stays where it is.
        """
        try:
            data = _contents(self.path)
        except FileNotFoundError:  # dropped
            return [], 0
        except OSError as exc:
            raise SpoolError(
                f"the records in {str(self.path)!r} cannot be delivered: {cause(exc)}. They are still there: see to the "
                "file, and it will be tried again when the next process begins",
                exc.errno,
            ) from exc
        *ended, part = data.split(b"\n")
        lines = [(table, line + b"\n") for line in ended if (table := _table_of(line)) is not None]
        return lines, len(ended) - len(lines) + bool(part)

    def drop(self) -> None:
        """Delete it: it has been delivered or handed back. It need not be there any more.

        Raises:
            SpoolError: it cannot be deleted. The next one on this spool will deliver it, perhaps again.
        """
        self._session.drop(self.path.name)


def _table_of(line: bytes) -> str | None:
    """The table of a line that is whole but for its newline; None if it is not."""
    try:
        record = orjson.loads(line)
    except ValueError:
        # orjson refuses numbers that no float holds, which `encoding` writes. Here nothing depends on their value.
        try:
            record = json.loads(line.decode(), parse_int=str, parse_float=str)
        except (ValueError, RecursionError):
            return None
    table = record.get("__table") if isinstance(record, dict) else None
    return table if isinstance(table, str) else None


def _contents(path: Path) -> bytes:
    with open(path, "rb", opener=lambda name, _: os.open(name, READ_FLAGS)) as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode):
            raise OSError(errno.EINVAL, "it is not a file")
        if status.st_size > _MAX_SEGMENT:
            raise OSError(errno.EFBIG, f"it has {status.st_size} bytes, and what this kit makes has less")
        return file.read()


def _cut_off_part(fd: int) -> None:
    """Have the file end with a whole line, or be empty."""
    if os.fstat(fd).st_size == 0:
        return
    with open(fd, "rb", closefd=False) as file:
        os.ftruncate(fd, file.read().rfind(b"\n") + 1)


def _make_folder(path: Path) -> list[Path]:
    """Make it, and those that it is to be in; all that were missing."""
    missing = [each for each in (path, *path.parents) if not each.exists()]
    path.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
    return missing


def _sync_file(fd: int) -> None:
    getattr(os, "fdatasync", os.fsync)(fd)  # not all platforms have it


def _sync_folder(path: Path) -> None:
    """Have the names in the folder on the disk, too."""
    if sys.platform != "win32":  # which has no such thing
        fd = os.open(path, READ_FLAGS)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)


def _unusable(path: Path, exc: OSError) -> SpoolError:
    if exc.errno in {errno.EEXIST, errno.ENOTDIR}:
        why = "it is a file, or lies in one. Name a folder, or one that can be made"
    elif exc.errno in _NO_LOCKS:
        why = f"its file system has no locks ({cause(exc)}). Name a folder on a local disk"
    else:
        why = f"{cause(exc)}. Name a folder in which files can be made"
    return SpoolError(f"{str(path)!r} cannot be used as a spool: {why}", exc.errno)
