"""JSON lines: on a stream, or in a file, plain or gzipped.

Each line is exactly what the SDK would send. A file can be had in two ways: replaced as a whole, under another name until
it is complete; or added to, so that a run that is killed and started again leaves each record in it once.
"""

from __future__ import annotations

import gzip
import os
import zlib
from collections import Counter
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final, Self

import orjson

from panoply._locks import InUse, Lock
from panoply._sink import TableSummary
from panoply.encoding import Encoder
from panoply.errors import Closed, DeliveryError, ParamsError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from types import TracebackType

__all__ = ["JSONLSink"]

# Bytes that are looked at together in search of where a file's last line or gzip member ends.
_BLOCK: Final = 1 << 20

# gzip's own default: level 9, Python's, takes three times as long for some percent.
_LEVEL: Final = 6


class JSONLSink:
    """Writes JSON lines: to a stream at once, line by line; to a file whole or not at all, or to its end.

    Without `append`, a file is written as `FILE.part` and gets its name when it is closed complete. Whoever finds `FILE`
    can so rely on it holding a whole run, and a run that fails does not cost the result of the last one that succeeded.
    What an unfinished run collected stays in `FILE.part`.

    With `append`, lines are added to `FILE` itself. What a killed run left half-written at its end is cut off first; with
    `resume`, so is all that came after that position. In a `.gz`, each flush ends a gzip member: up to there, the file can
    be read by itself.

    Args:
        target: a binary stream, which stays open, or the path of a file; one that ends in `.gz` is compressed.
        append: add to the file.
        resume: the `position` of a sink that wrote this file before; the file is cut to this many bytes.

    Raises:
        ParamsError: the file cannot be written, another run writes it, or it is not the one that `resume` is about.
    """

    def __init__(
        self, target: BinaryIO | str | os.PathLike[str], *, append: bool = False, resume: object = None
    ) -> None:
        self.written: Counter[str] = Counter()
        self._bytes: Counter[str] = Counter()
        self._target = target
        # A source may change the working folder on the way.
        self._path = Path(target).absolute() if isinstance(target, (str, os.PathLike)) else None
        self._added = append or resume is not None
        self._closed = False
        self._line = Encoder().line
        self._member: gzip.GzipFile | None = None
        self._lock: Lock | None = None
        if not isinstance(target, (str, os.PathLike)):
            self._file = target
            self._zipped = False
            return
        path = Path(target)
        self._zipped = path.suffix == ".gz"
        try:
            self._lock = Lock(path if self._added else _part(path))
        except InUse:
            raise ParamsError(
                f"Cannot write {path}: another run writes it. Wait for its end, or choose another file."
            ) from None
        try:
            self._file = _opened_at(path, resume) if self._added else _part(path).open("wb")
        except BaseException as exc:
            self._lock.release()
            if isinstance(exc, OSError):
                raise ParamsError(f"Cannot write {path}: {exc.strerror}.") from exc
            raise

    @property
    def resumable(self) -> bool:
        """Whether what was flushed is in the file itself, or has left by the stream."""
        return self._path is None or self._added

    @property
    def position(self) -> int | None:
        """After `flush`: how many bytes the file has. None for a stream, and for a file that is to be replaced."""
        if self._path is None or not self._added:
            return None
        return self._path.stat().st_size if self._file.closed else self._file.tell()

    def write(self, table: str, record: Mapping[str, Any]) -> None:
        """Write the record as one line."""
        if self._closed:
            raise Closed(f"write({table!r}, ...) after close().")
        line = self._line(table, record)
        try:
            if self._zipped:
                if self._member is None:
                    # Without a name and a time in it, equal records make equal files.
                    self._member = gzip.GzipFile("", "wb", _LEVEL, self._file, mtime=0)
                self._member.write(line)
            else:
                self._file.write(line)
                if self._path is None:
                    # Whoever reads the stream gets each record as it comes, also from a source that takes its time.
                    self._file.flush()
        except OSError as exc:
            if self._path is None:
                raise
            raise self._refused(exc) from exc
        self.written[table] += 1
        self._bytes[table] += len(line)

    def flush(self) -> None:
        """Hand a stream's lines to the operating system; have a file's on disk, and end the gzip member."""
        if self._closed:
            return
        with self._writing():
            if self._member is not None:
                self._member.close()
                self._member = None
            self._file.flush()
            if self._path is not None:
                os.fsync(self._file.fileno())

    def close(self, *, complete: bool = True) -> None:
        """Flush; give a file that replaces another its name if it is complete."""
        if self._closed:
            return
        try:
            self._close(complete=complete)
        finally:
            if self._lock is not None:
                self._lock.release()

    def _close(self, *, complete: bool) -> None:
        try:
            self.flush()
        finally:
            self._closed = True
            if self._path is not None:
                with suppress(OSError):  # it had its say when it was flushed
                    self._file.close()
        if self._path is None or self._added:
            return
        part = _part(self._path)
        if complete:
            with self._writing():
                if self._zipped and not self.written:
                    part.write_bytes(gzip.compress(b"", mtime=0))
                part.replace(self._path)
        elif not self.written:
            part.unlink(missing_ok=True)

    def summaries(self) -> tuple[TableSummary, ...]:
        """How many records and bytes there were for each table."""
        return tuple(
            TableSummary(table=table, records=count, bytes=self._bytes[table]) for table, count in self.written.items()
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close(complete=exc_type is None)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """What the disk refuses, in words. A stream's errors are its reader's affair, and stay as they are."""
        try:
            yield
        except OSError as exc:
            if self._path is None:
                raise
            raise self._refused(exc) from exc

    def _refused(self, exc: OSError) -> DeliveryError:
        return DeliveryError(f"Cannot write {self._target}: {exc.strerror or exc}.")


def _part(path: Path) -> Path:
    return path.with_name(f"{path.name}.part")


def _opened_at(path: Path, resume: object) -> BinaryIO:
    """The file, cut to where the next line belongs, and open there."""
    if resume is not None and (not isinstance(resume, int) or isinstance(resume, bool) or resume < 0):
        raise ParamsError(f"Cannot go on with {path}: its saved position is no number of bytes.")
    # A new name is lost with the power unless its folder is written, too.
    file = os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o666), "r+b")
    try:
        end = _end(file, path, resume)
        file.truncate(end)
        file.seek(end)
        _sync_folder(path)
    except BaseException:
        file.close()
        raise
    return file


def _end(file: BinaryIO, path: Path, resume: int | None) -> int:
    """The byte at which to go on."""
    size = file.seek(0, os.SEEK_END)
    zipped = path.suffix == ".gz"
    if resume is None:
        return (_whole_members if zipped else _whole_lines)(file, size)
    if resume > size:
        raise ParamsError(
            f"Cannot go on with {path}: it has {size:,} bytes, and the saved state is about the first {resume:,}. "
            "Restore the file, or start anew without the state."
        )
    if resume and not zipped:
        file.seek(resume - 1)
        if file.read(1) != b"\n":
            raise ParamsError(
                f"Cannot go on with {path}: no line ends at byte {resume:,}, where the saved state says; the file has been "
                "changed. Restore it, or start anew without the state."
            )
    return resume


def _whole_lines(file: BinaryIO, size: int) -> int:
    """Up to which byte the file holds whole lines. One that lacks nothing but its end, as editors leave it, is given that."""
    end = _last_newline(file, size)
    file.seek(end)
    last = file.read(size - end)
    try:
        whole = isinstance(orjson.loads(last), dict)
    except orjson.JSONDecodeError:
        whole = False
    if not whole:
        return end
    file.write(b"\n")
    return size + 1


def _last_newline(file: BinaryIO, size: int) -> int:
    """The byte behind the last newline."""
    end = size
    while end:
        start = max(0, end - _BLOCK)
        file.seek(start)
        newline = file.read(end - start).rfind(b"\n")
        if newline >= 0:
            return start + newline + 1
        end = start
    return 0


def _whole_members(file: BinaryIO, size: int) -> int:
    """Up to which byte the file holds whole gzip members.

    Raises:
        ParamsError: there is something else than a gzip member, which nobody would want to be cut off.
    """
    file.seek(0)
    whole = 0
    rest = b""
    while whole < size:
        member = zlib.decompressobj(wbits=31)
        taken = 0
        while not member.eof:
            block = rest or file.read(_BLOCK)
            if not block:
                return whole
            try:
                member.decompress(block, _BLOCK)
                while member.unconsumed_tail:
                    member.decompress(member.unconsumed_tail, _BLOCK)
            except zlib.error as exc:
                raise ParamsError(
                    f"Cannot add to {file.name}: from byte {whole:,} on it is no gzip file. Choose another file."
                ) from exc
            taken += len(block) - len(member.unused_data)
            rest = member.unused_data
        whole += taken
    return whole


def _sync_folder(path: Path) -> None:
    with suppress(OSError, AttributeError):  # there are systems that have no such thing
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
