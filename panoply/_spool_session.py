"""A session of a spool: a folder of segments, and the lock that says whose they are.

The lock is flock(2)'s, which the kernel takes back however a process ends. What is in a segment is `spool`'s subject.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from panoply.errors import SpoolError

if TYPE_CHECKING:
    from collections.abc import Iterator

if sys.platform == "win32":  # not tried
    import msvcrt
else:
    import fcntl

__all__ = ["FILE_MODE", "FOLDER_MODE", "OPEN_FLAGS", "READ_FLAGS", "Session", "cause", "segment_name", "sessions_in"]

# Nobody but the user has a business with the records.
FOLDER_MODE: Final = 0o700
FILE_MODE: Final = 0o600

# What one platform lacks of these, it does not need.
_FLAGS: Final = getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
OPEN_FLAGS: Final = os.O_RDWR | os.O_CREAT | os.O_APPEND | _FLAGS
# A pipe that has the name of a segment would wait for its writer.
READ_FLAGS: Final = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | _FLAGS

# Only what has such a name is taken for the spool's own, be it to read or to remove.
_SESSION: Final = re.compile(r"[0-9]{20}-[0-9a-f]{8}")
_SEGMENT: Final = re.compile(r"([0-9]{20}-[0-9a-f]{8}-)?[0-9]{8,19}\.jsonl")
_LOCK: Final = "lock"

# A session can be taken away by one who looks for leftovers in the moment between its being made and being locked, which
# nobody is unlucky enough for so often.
_TRIES: Final = 100


def segment_name(batch: int) -> str:
    """The file of a batch."""
    return f"{batch:08}.jsonl"


def sessions_in(home: Path) -> list[Path]:
    """The folders of all sessions.

    Raises:
        OSError: the folder cannot be read.
    """
    with os.scandir(home) as entries:
        return [
            home / each.name for each in entries if _SESSION.fullmatch(each.name) and each.is_dir(follow_symlinks=False)
        ]


def cause(exc: OSError) -> str:
    """What the system says is wrong, without the path."""
    return exc.strerror or type(exc).__name__


class Session:
    """A folder of segments, locked. Whoever has the lock may read and delete them.

    Attributes:
        folder: where it is.
        ours: False in a child of the process that has the lock.
    """

    __slots__ = ("_lock", "folder", "ours")

    def __init__(self, folder: Path, lock: int) -> None:
        self.folder = folder
        self._lock = lock
        self.ours = True

    @classmethod
    def make(cls, home: Path) -> Session:
        """A new one, which no other process will take for one of its own or for a dead one's.

        Raises:
            OSError: it cannot be made.
        """
        for _ in range(_TRIES):
            folder = home / f"{time.time_ns():020}-{os.urandom(4).hex()}"
            folder.mkdir(mode=FOLDER_MODE)
            try:
                session = cls.claim(folder)
            except OSError:
                _remove_empty(folder)
                raise
            if session is not None:
                return session
        raise OSError(errno.EBUSY, "what is made there is taken away at once")

    @classmethod
    def claim(cls, folder: Path) -> Session | None:
        """The session in this folder, locked. None if another has it, or has just removed it.

        Raises:
            OSError: it cannot be locked.
        """
        path = folder / _LOCK
        try:
            lock = os.open(path, OPEN_FLAGS, FILE_MODE)
        except FileNotFoundError:
            return None
        try:
            # Who had the lock until now may have removed the folder, and another made a lock of the same name since.
            if _try_lock(lock) and _is_same(lock, path):
                return cls(folder, lock)
        except BaseException:
            os.close(lock)
            raise
        os.close(lock)
        return None

    def take_over(self, other: Session) -> Iterator[tuple[Path, int]]:
        """Move all segments of another one here, and give their new places and sizes.

        One that is moved keeps the name of the session that it was written in: names sort in the order of the records.
        Whenever this process ends, each is in one of the two.

        Raises:
            OSError: the rest cannot be moved.
        """
        with os.scandir(other.folder) as entries:
            segments = [
                each for each in entries if _SEGMENT.fullmatch(each.name) and each.is_file(follow_symlinks=False)
            ]
        for segment in segments:
            if size := segment.stat(follow_symlinks=False).st_size:
                name = segment.name if _SESSION.match(segment.name) else f"{other.folder.name}-{segment.name}"
                yield Path(segment.path).rename(self.folder / name), size

    def drop(self, name: str) -> None:
        """Delete a segment, if it is there. In a child it stays: it is the parent's.

        Raises:
            SpoolError: it cannot be deleted.
        """
        if not self.ours:
            return
        path = self.folder / name
        try:
            path.unlink(missing_ok=True)
        except OSError as exc:
            raise SpoolError(
                f"{str(path)!r} cannot be deleted: {cause(exc)}. Its records have been delivered or handed back, and will "
                "be delivered again if it stays",
                exc.errno,
            ) from exc

    def release(self) -> None:
        """Leave it to others, or remove it if nothing is in it."""
        lock, self._lock = self._lock, -1
        if lock < 0:
            return
        if sys.platform == "win32":
            # A file that anybody has open cannot be removed there: neither one's own, nor one that lives.
            os.close(lock)
            _remove_empty(self.folder)
        else:
            # In this order: what is unlocked may be another's already.
            _remove_empty(self.folder)
            with contextlib.suppress(OSError):
                fcntl.flock(lock, fcntl.LOCK_UN)  # closing alone would leave it locked while a child has it open
            os.close(lock)

    def forget(self) -> None:
        """Close the lock's file in a child of the process that has the lock, and still has it afterwards."""
        self.ours = False
        lock, self._lock = self._lock, -1
        if lock >= 0:
            os.close(lock)


def _remove_empty(folder: Path) -> None:
    """Remove a session in which no line is left. What cannot be removed is left to the next one that looks there."""
    with contextlib.suppress(OSError):
        for each in folder.iterdir():
            if _SEGMENT.fullmatch(each.name) and not each.lstat().st_size:
                each.unlink()
        if [each.name for each in folder.iterdir()] == [_LOCK]:
            (folder / _LOCK).unlink()
            folder.rmdir()


def _try_lock(fd: int) -> bool:
    """Whether nobody else has it. It is not waited for."""
    if sys.platform == "win32":
        try:
            msvcrt.locking(fd, msvcrt.LK_NBLCK, 1)
        except PermissionError:
            return False
    else:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
    return True


def _is_same(fd: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(fd), path.lstat())
    except FileNotFoundError:
        return False
