"""Parquet files as a target of a run: what the warehouse would hold, a file for each table.

Parquet cannot be added to, and whether a column is text may turn out with the last record. So the records go into a DuckDB
file in a temporary folder first, and the files are written when that is complete: under another name, `FILE.part`, until all
of them are there.
"""

from __future__ import annotations

import json
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self

from panoply._sink_warehouse import WarehouseSink
from panoply._warehouse_duckdb import DuckDBStore
from panoply._warehouse_names import free, quoted
from panoply._warehouse_store import CATALOG
from panoply.errors import DeliveryError, ParamsError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

    from panoply._sink import TableSummary

__all__ = ["ParquetSink"]

# Under this key, each file tells which table it holds.
_NOTE: Final = "panoply"

_UNSAFE: Final = re.compile(r'[/\\:*?"<>|\x00-\x1f]')


class ParquetSink:
    """Writes the tables of a run to Parquet files when it is closed.

    One main table becomes `FILE.parquet`, and its sub-tables `FILE.SUBTABLE.parquet`; of several, each becomes
    `FILE.TABLE.parquet`. Files of an earlier run that this one has no table for are removed. A run without records
    leaves no file: there are no columns to write.

    Args:
        path: `FILE.parquet`.
        params: the source's params.
        append: begin with what the files of an earlier run hold.

    Raises:
        MissingExtra: duckdb is not installed.
        ParamsError: a file is there that did not come from a run, and is to be added to.
    """

    resumable: Final = False
    position: Final = None

    def __init__(self, path: Path, params: Mapping[str, Any] | None = None, *, append: bool = False) -> None:
        # A source may change the working folder on the way.
        self._path = path.absolute()
        self._name = str(path)
        self._closed = False
        self._folder = tempfile.TemporaryDirectory(prefix="panoply-")
        try:
            self._store = DuckDBStore(Path(self._folder.name) / "run.duckdb", str(path))
            if append:
                self._read_earlier()
            self._sink = WarehouseSink(self._store, params)
            self.written = self._sink.written
        except BaseException:
            self._folder.cleanup()
            raise

    def write(self, table: str, record: Mapping[str, Any]) -> None:
        """Take the record."""
        self._sink.write(table, record)

    def flush(self) -> None:
        """Put what there is on disk. It is delivered with `close` only."""
        self._sink.flush()

    def close(self, *, complete: bool = True) -> None:
        """Write the files, and give them their names if they are complete."""
        if self._closed:
            return
        self._closed = True
        try:
            self._sink.flush()
            if complete or self.written:
                self._write_files(complete=complete)
        finally:
            self._sink.close()
            self._folder.cleanup()

    def summaries(self) -> tuple[TableSummary, ...]:
        """What became of the records, for each table and its sub-tables."""
        return self._sink.summaries()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close(complete=exc_type is None)

    def _write_files(self, *, complete: bool) -> None:
        earlier = self._earlier() if complete else {}
        files = self._files()
        parts = []
        for (name, path), file in files.items():
            part = file.with_name(f"{file.name}.part")
            note = _text(json.dumps({"table": name, "path": path}))
            self._store.run(
                f"COPY {quoted(name)} TO {_text(str(part))} (FORMAT parquet, KV_METADATA {{{_NOTE}: {note}}})"
            )
            parts.append((part, file))
        if not complete:
            return
        try:
            for part, file in parts:
                part.replace(file)
            for file in earlier:
                if file not in files.values():
                    file.unlink()
        except OSError as exc:
            raise DeliveryError(f"Cannot write {self._name}: {exc.strerror}.") from exc

    def _files(self) -> dict[tuple[str, tuple[str, ...]], Path]:
        """A file for each table."""
        tables = [(name, tuple(json.loads(path))) for name, path in self._catalog()]
        stem = self._path.name.removesuffix(".parquet")
        is_one = sum(len(path) == 1 for _, path in tables) == 1
        files: dict[tuple[str, tuple[str, ...]], Path] = {}
        taken: set[str] = set()
        for name, path in sorted(tables, key=lambda table: len(table[1])):
            wanted = stem if is_one and len(path) == 1 else f"{stem}.{_UNSAFE.sub('_', name)}"
            found = free(wanted, taken)
            taken.add(found)
            files[name, path] = self._path.with_name(f"{found}.parquet")
        return files

    def _catalog(self) -> list[tuple[str, str]]:
        if CATALOG not in self._store.tables():
            return []
        return self._store.run(f"SELECT name, path FROM {quoted(CATALOG)}")

    def _earlier(self) -> dict[Path, dict[str, Any]]:
        """The files that are there, with what they tell of themselves; of others than ours, nothing."""
        stem = self._path.name.removesuffix(".parquet")
        found = {}
        for file in sorted(self._path.parent.iterdir()):
            if file == self._path or (file.name.startswith(f"{stem}.") and file.suffix == ".parquet"):
                try:
                    notes = self._store.run(
                        f"SELECT value FROM parquet_kv_metadata({_text(str(file))}) WHERE key = ?", (_NOTE.encode(),)
                    )
                except DeliveryError:
                    continue
                if notes:
                    found[file] = json.loads(notes[0][0])
        return found

    def _read_earlier(self) -> None:
        earlier = self._earlier()
        if self._path.exists() and self._path not in earlier:
            raise ParamsError(f"Cannot add to {self._name}: it did not come from a run. Choose another file.")
        if earlier:
            self._store.run(f"CREATE TABLE {quoted(CATALOG)} (name VARCHAR, path VARCHAR)")
        for file, note in earlier.items():
            self._store.run(f"CREATE TABLE {quoted(note['table'])} AS SELECT * FROM read_parquet({_text(str(file))})")
            self._store.run(f"INSERT INTO {quoted(CATALOG)} VALUES (?, ?)", (note["table"], json.dumps(note["path"])))


def _text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
