"""DuckDB as a store of the warehouse.

Rows come in as newline-delimited JSON that DuckDB reads itself, with the types told. Nothing else that needs no further
library is near as fast: a row at a time, by parameters, it takes a hundred times as long.

No key is declared. DuckDB's indices would have to be kept in memory, and forbid to change a column's type; joining by the key
costs milliseconds.
"""

from __future__ import annotations

import os
import re
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from panoply._warehouse_names import quoted
from panoply._warehouse_store import STAGE
from panoply._warehouse_types import Kind
from panoply.errors import DeliveryError, MissingExtra, ParamsError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

__all__ = ["DuckDBStore"]

_DECLARED: Final = {
    Kind.BOOLEAN: "BOOLEAN",
    Kind.INTEGER: "BIGINT",
    Kind.BIGINT: "BIGINT",
    Kind.DOUBLE: "DOUBLE",
    Kind.DATE: "DATE",
    Kind.TIMESTAMP: "TIMESTAMP",
    Kind.TEXT: "VARCHAR",
}
_KINDS: Final = {declared: kind for kind, declared in _DECLARED.items()}

# How DuckDB begins what it says.
_KIND: Final = re.compile(r"^\w+ Error: ")

# DuckDB's own limit for a line of JSON is 16 MiB.
_LONGEST: Final = 16 * 1024 * 1024


class DuckDBStore:
    """A DuckDB file.

    Args:
        path: where it is; it is made if it is not there.
        name: what the user calls it.

    Raises:
        MissingExtra: duckdb is not installed.
        ParamsError: the file cannot be opened.
    """

    keyed: Final = False

    def __init__(self, path: Path, name: str) -> None:
        try:
            import duckdb  # noqa: PLC0415 - an extra
        except ImportError as exc:
            raise MissingExtra("warehouse", f"The target {name}") from exc
        self.name = name
        self._error = duckdb.Error
        # What these say is about files and memory, and holds no values.
        self._harmless = (duckdb.IOException, duckdb.TransactionException, duckdb.OutOfMemoryException)
        self._lines: str | None = None
        self._is_view = False
        try:
            # What it may look for on the network, it has to ask for.
            self._connection = duckdb.connect(str(path), config={"autoinstall_known_extensions": "false"})
        except duckdb.Error as exc:
            raise ParamsError(f"Cannot open {name}: {_opening(exc)}.") from None

    def begin(self) -> None:
        self.run("BEGIN TRANSACTION")

    def commit(self) -> None:
        self.run("COMMIT")

    def run(self, sql: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        with self._refusing():
            return list(self._connection.execute(sql, values).fetchall())

    def tables(self) -> set[str]:
        return {name.lower() for (name,) in self.run("SELECT table_name FROM information_schema.tables")}

    def columns(self, table: str) -> dict[str, Kind | None]:
        rows = self.run(
            "SELECT column_name, data_type FROM duckdb_columns() WHERE table_name = ? AND NOT internal ORDER BY column_index",
            (table,),
        )
        return {name: _KINDS.get(declared) for name, declared in rows}

    def declared(self, kind: Kind) -> str:
        return _DECLARED[kind]

    def moment(self, at: datetime) -> str:
        return f"TIMESTAMP '{at:%Y-%m-%d %H:%M:%S.%f}'"

    def widen(self, table: str, columns: Mapping[str, Kind], changes: Mapping[str, Kind], indexed: str | None) -> None:  # noqa: ARG002
        for name, kind in changes.items():
            column = quoted(name)
            value = f"CAST({column} AS {_DECLARED[kind]})"
            if columns[name] is Kind.TIMESTAMP:
                value = (
                    f"strftime({column}, '%Y-%m-%dT%H:%M:%S.') || CASE WHEN microsecond({column}) % 1000 = 0 "
                    f"THEN strftime({column}, '%g') ELSE strftime({column}, '%f') END || 'Z'"
                )
            self.run(f"ALTER TABLE {quoted(table)} ALTER COLUMN {column} TYPE {_DECLARED[kind]} USING {value}")

    def stage(self, lines: Sequence[bytes], columns: Mapping[str, Kind], shifted: Iterable[str], *, once: bool) -> None:
        shifted = {name for name in shifted if columns.get(name) is Kind.TIMESTAMP}
        try:
            handle, self._lines = tempfile.mkstemp(suffix=".ndjson", prefix="panoply-")
            with os.fdopen(handle, "wb") as file:
                file.writelines(lines)
        except OSError as exc:
            raise DeliveryError(f"Cannot write a temporary file for {self.name}: {exc.strerror}.") from exc
        told = ", ".join(
            f"{_text(name)}: {_text('VARCHAR' if name in shifted else _DECLARED[kind])}"
            for name, kind in columns.items()
        )
        longest = max(_LONGEST, 2 * max(map(len, lines)))
        chosen = ", ".join(
            f"{_in_utc(quoted(name))} AS {quoted(name)}" if name in shifted else quoted(name) for name in columns
        )
        self.run(
            f"CREATE TEMP {'VIEW' if once else 'TABLE'} {STAGE} AS SELECT {chosen} FROM read_json({_text(self._lines)}, "
            f"format = 'newline_delimited', columns = {{{told}}}, maximum_object_size = {longest})"
        )
        self._is_view = once
        if not once:
            self._forget_lines()

    def unstage(self) -> None:
        self.run(f"DROP {'VIEW' if self._is_view else 'TABLE'} {STAGE}")
        self._forget_lines()

    def close(self) -> None:
        self._forget_lines()
        with self._refusing():
            self._connection.close()

    def _forget_lines(self) -> None:
        if self._lines is not None:
            with suppress(OSError):
                Path(self._lines).unlink()
            self._lines = None

    @contextmanager
    def _refusing(self) -> Iterator[None]:
        """What DuckDB refuses, in words. Of its own words few are shown: others hold values."""
        try:
            yield
        except self._harmless as exc:
            raise DeliveryError(f"Cannot write {self.name}: {_first_line(exc)}.") from None
        except self._error as exc:
            raise DeliveryError(f"{self.name} does not take these rows: DuckDB raised {type(exc).__name__}.") from None


def _text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _in_utc(column: str) -> str:
    """A moment in UTC of text that may have an offset: DuckDB itself takes no notice of that."""
    sign = f"CASE WHEN regexp_matches({column}, '[+]\\d\\d:?\\d\\d$') THEN -1 ELSE 1 END"
    hours = f"regexp_extract({column}, '\\d:\\d\\d.*[+-](\\d\\d):?(\\d\\d)$', 1)"
    minutes = f"regexp_extract({column}, '\\d:\\d\\d.*[+-](\\d\\d):?(\\d\\d)$', 2)"
    return (
        f"CASE WHEN {hours} = '' THEN CAST({column} AS TIMESTAMP) "
        f"ELSE CAST(regexp_replace({column}, '[+-]\\d\\d:?\\d\\d$', '') AS TIMESTAMP) + to_minutes({sign} * (60 * CAST({hours} AS BIGINT) + CAST({minutes} AS BIGINT))) END"
    )


def _opening(exc: Exception) -> str:
    words = str(exc)
    if "lock" in words.lower():
        return "it is in use by another process; close that first"
    if "not a valid DuckDB" in words:
        return "it is no DuckDB file"
    return _first_line(exc)


def _first_line(exc: Exception) -> str:
    return _KIND.sub("", str(exc).partition("\n")[0]).rstrip(".")
