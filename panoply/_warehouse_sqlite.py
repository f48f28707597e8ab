"""SQLite as a store of the warehouse.

SQLite has no type for dates: they are text in ISO 8601, times in UTC as the platform writes them, in columns declared DATE and
TIMESTAMP, which its date functions understand. Booleans are 1 and 0.
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import contextmanager
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

import orjson

from panoply._warehouse_names import quoted
from panoply._warehouse_store import CATALOG, STAGE
from panoply._warehouse_types import Kind, moment, utc_text
from panoply.errors import DeliveryError, ParamsError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

__all__ = ["SQLiteStore"]

_DECLARED: Final = {
    Kind.BOOLEAN: "BOOLEAN",
    Kind.INTEGER: "BIGINT",
    Kind.BIGINT: "BIGINT",
    Kind.DOUBLE: "DOUBLE",
    Kind.DATE: "DATE",
    Kind.TIMESTAMP: "TIMESTAMP",
    Kind.TEXT: "TEXT",
}
_KINDS: Final = {declared: kind for kind, declared in _DECLARED.items()}

# Seconds to wait for another process that writes.
_PATIENCE: Final = 5.0

# Rows that are read from JSON together.
_TOGETHER: Final = 1000


class SQLiteStore:
    """An SQLite file.

    Args:
        path: where it is; it is made if it is not there.
        name: what the user calls it.

    Raises:
        ParamsError: the file cannot be opened.
    """

    keyed: Final = True

    def __init__(self, path: Path, name: str) -> None:
        self.name = name
        connection = None
        try:
            connection = sqlite3.connect(path, timeout=_PATIENCE, isolation_level=None, check_same_thread=False)
            connection.create_function("panoply_text", 1, _number_text, deterministic=True)
            # Opening writes nothing yet; this does, and says so if it cannot.
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("ROLLBACK")
        except sqlite3.Error as exc:
            if connection is not None:
                connection.close()
            raise ParamsError(f"Cannot open {name}: {_reason(exc)}.") from None
        self._connection = connection

    def begin(self) -> None:
        self.run("BEGIN IMMEDIATE")

    def commit(self) -> None:
        self.run("COMMIT")

    def run(self, sql: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        with self._refusing():
            return self._connection.execute(sql, values).fetchall()

    def tables(self) -> set[str]:
        return {name.lower() for (name,) in self.run("SELECT name FROM sqlite_master")}

    def columns(self, table: str) -> dict[str, Kind | None]:
        rows = self.run("SELECT name, type FROM pragma_table_info(?) ORDER BY cid", (table,))
        return {name: _KINDS.get(declared) for name, declared in rows}

    def declared(self, kind: Kind) -> str:
        return _DECLARED[kind]

    def moment(self, at: datetime) -> str:
        return f"'{utc_text(at)}'"

    def widen(self, table: str, columns: Mapping[str, Kind], changes: Mapping[str, Kind], indexed: str | None) -> None:
        # SQLite changes no types: the table is made anew.
        parts = [f"{quoted(name)} {_DECLARED[changes.get(name, kind)]}" for name, kind in columns.items()]
        if indexed is None:
            parts[list(columns).index("id")] += " PRIMARY KEY"
        other = quoted(f"{STAGE}_{table}")
        values = ", ".join(
            _converted(quoted(name), kind, changes[name]) if name in changes else quoted(name)
            for name, kind in columns.items()
        )
        into = ", ".join(map(quoted, columns))
        self.run(f"CREATE TABLE {other} ({', '.join(parts)})")
        self.run(f"INSERT INTO {other} ({into}) SELECT {values} FROM {quoted(table)} ORDER BY rowid")
        self.run(f"DROP TABLE {quoted(table)}")
        self.run(f"ALTER TABLE {other} RENAME TO {quoted(table)}")
        if indexed is not None:
            self.run(f"CREATE INDEX {quoted(f'{CATALOG} {table}')} ON {quoted(table)} ({quoted(indexed)})")

    def stage(
        self,
        lines: Sequence[bytes],
        columns: Mapping[str, Kind],
        shifted: Iterable[str],  # noqa: ARG002 - each time is brought into UTC
        *,
        once: bool,  # noqa: ARG002
    ) -> None:
        parts = ", ".join(f"{quoted(name)} {_DECLARED[kind]}" for name, kind in columns.items())
        self.run(f"CREATE TEMP TABLE {STAGE} ({parts})")
        places = ", ".join("?" * len(columns))
        with self._refusing():
            self._connection.executemany(f"INSERT INTO {STAGE} VALUES ({places})", _values(lines, columns))

    def unstage(self) -> None:
        self.run(f"DROP TABLE {STAGE}")

    def close(self) -> None:
        with self._refusing():
            self._connection.close()

    @contextmanager
    def _refusing(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as exc:
            raise DeliveryError(f"Cannot write {self.name}: {_reason(exc)}.") from None


def _values(lines: Iterable[bytes], columns: Mapping[str, Kind]) -> Iterator[tuple[Any, ...]]:
    """The rows in these lines, as SQLite takes them."""
    names = list(columns)
    todo = iter(lines)
    converted = [(place, _CONVERTED[kind]) for place, kind in enumerate(columns.values()) if kind in _CONVERTED]
    while some := list(islice(todo, _TOGETHER)):
        rows = map(_loads, some)
        found = [list(column) for column in zip(*(map(row.get, names) for row in rows), strict=True)]
        for place, convert in converted:
            found[place] = convert(found[place])
        yield from zip(*found, strict=True)


def _loads(line: bytes) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(line)
    for value in found.values():
        # orjson makes floats of integers beyond 64 bits.
        if type(value) is float and abs(value) >= 2**63:
            return dict(json.loads(line))
        if type(value) is int and value >= 2**63:
            return dict(json.loads(line))
    return found


def _texts(column: list[Any]) -> list[Any]:
    return [value if value is None or type(value) is str else _json_text(value) for value in column]


def _moments(column: list[Any]) -> list[Any]:
    return [None if value is None else utc_text(found) if (found := moment(value)) else value for value in column]


def _floats(column: list[Any]) -> list[Any]:
    return [None if value is None else float(value) for value in column]


_CONVERTED: Final[Mapping[Kind, Callable[[list[Any]], list[Any]]]] = {
    Kind.TEXT: _texts,
    Kind.TIMESTAMP: _moments,
    Kind.DOUBLE: _floats,
}


def _json_text(value: Any) -> str:
    return str(value) if type(value) is int else orjson.dumps(value).decode()


def _number_text(value: float | None) -> str | None:
    return None if value is None else orjson.dumps(value).decode()


def _converted(column: str, kind: Kind, to: Kind) -> str:
    if to is Kind.TIMESTAMP:
        return f"{column} || 'T00:00:00.000Z'"
    if to is Kind.TEXT and kind is Kind.BOOLEAN:
        return f"CASE {column} WHEN 1 THEN 'true' WHEN 0 THEN 'false' END"
    if to is Kind.TEXT and kind is Kind.DOUBLE:
        return f"panoply_text({column})"  # SQLite's own text has 15 digits
    return column  # the declared type does the rest


def _reason(exc: sqlite3.Error) -> str:
    """What is wrong with the file. SQLite's words name no values, but they may name what a user called a column."""
    code = (getattr(exc, "sqlite_errorname", None) or "").split("_")
    return _REASONS.get("_".join(code[:2]), str(exc))


_REASONS: Final = {
    "SQLITE_BUSY": "it is in use by another process; close that first",
    "SQLITE_LOCKED": "it is in use by another process; close that first",
    "SQLITE_NOTADB": "it is no SQLite file",
    "SQLITE_CANTOPEN": "the file cannot be opened",
    "SQLITE_READONLY": "it may only be read",
    "SQLITE_FULL": "the disk is full",
}
