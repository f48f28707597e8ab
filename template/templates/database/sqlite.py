{% set is_async = cookiecutter.mode == "async" %}
{% set a = "async " if is_async else "" %}
{% set w = "await " if is_async else "" %}
"""Reads the SQLite file: all that is particular to it is in this file, and what goes wrong is explained here.

The file is opened for reading only. Rows are read in the order of a key, each time those behind the last one: that finds the
place again in a later run, too, and costs as much for the last rows as for the first ones.
"""

from __future__ import annotations

{% if is_async %}
import asyncio
{% endif %}
import math
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import panoply

# Seconds to wait at most while another program writes to the file.
PATIENCE = 10

# What works again once another program is done, or a disk is there again.
SHORT_FAILURES = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_NOMEM)

# What SQLite calls the number that each row has, where the table has no column of that name.
ROW_NUMBERS = ("rowid", "_rowid_", "oid")


# Those of SQLite's own have names that begin in this way.
TABLES = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!' ORDER BY name"


@dataclass(frozen=True, slots=True)
class Table:
    """A table: the columns that tell its rows apart and put them in order, and how many rows it has."""

    name: str
    key: tuple[str, ...]
    rows: int


@dataclass(frozen=True, slots=True)
class Row:
    """What a row holds, and its key: as JSON, so that it can be part of a state."""

    key: list[Any]
    values: dict[str, Any]


class {{ cookiecutter.__class }}Database:
    """Asks the file that is named by the param `path`."""

    def __init__(self, source: Mapping[str, Any]) -> None:
        path = str(source.get("path") or "").strip()
        if not path:
            raise panoply.PanoplyException("The param 'path' is missing. Fill in its field.", retryable=False)
        self._path = path
        self._connection: sqlite3.Connection | None = None

{% if is_async %}
    async def tables(self) -> list[Table]:
        """List what there is to read, in alphabetical order."""
        return await asyncio.to_thread(self._tables)

    async def rows(self, table: Table, after: Sequence[Any] | None, limit: int) -> list[Row]:
        """Fetch the rows behind the key `after`, or the first ones: as many as `limit`, or all that are left."""
        return await asyncio.to_thread(self._rows, table, after, limit)

    async def close(self) -> None:
        """Close the file. Works any number of times."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

{% endif %}
    def {{ "_" if is_async }}tables(self) -> list[Table]:
{% if not is_async %}
        """List what there is to read, in alphabetical order."""
{% endif %}
        _, rows = self._ask(TABLES)
        return [self._table(name) for (name,) in rows]

    def {{ "_" if is_async }}rows(self, table: Table, after: Sequence[Any] | None, limit: int) -> list[Row]:
{% if not is_async %}
        """Fetch the rows behind the key `after`, or the first ones: as many as `limit`, or all that are left."""
{% endif %}
        key = ", ".join(map(_quoted, table.key))
        behind = f"WHERE ({key}) > ({', '.join('?' * len(table.key))})" if after else ""
        query = f"SELECT {key}, * FROM {_quoted(table.name)} {behind} ORDER BY {key} LIMIT ?"  # noqa: S608 - quoted
        names, rows = self._ask(query, *map(_from_state, after or ()), limit)
        width = len(table.key)
        return [
            Row(list(map(_for_state, row[:width])), dict(zip(names[width:], map(as_json, row[width:]), strict=True)))
            for row in rows
        ]
{% if not is_async %}

    def close(self) -> None:
        """Close the file. Works any number of times."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()
{% endif %}

    def _table(self, name: str) -> Table:
        _, columns = self._ask('SELECT name, pk, "notnull" FROM pragma_table_info(?)', name)
        key = sorted((place, column, never_null) for column, place, never_null in columns if place)
        _, ((rows,),) = self._ask(f"SELECT count(*) FROM {_quoted(name)}")  # noqa: S608 - quoted
        if key and all(never_null for _, _, never_null in key):
            return Table(name, tuple(column for _, column, _ in key), rows)
        # No primary key; or a number, which is the same as this one; or one that may be NULL, which compares with nothing.
        taken = {column.lower() for column, _, _ in columns}
        return Table(name, (next(each for each in ROW_NUMBERS if each not in taken),), rows)

    def _ask(self, query: str, *values: Any) -> tuple[list[str], list[tuple[Any, ...]]]:
        try:
            if self._connection is None:
                self._connection = self._opened()
            cursor = self._connection.execute(query, values)
            return [column[0] for column in cursor.description], cursor.fetchall()
        except sqlite3.Error as exc:
            raise self._explained(exc) from exc

    def _opened(self) -> sqlite3.Connection:
        address = f"{Path(self._path).expanduser().absolute().as_uri()}?mode=ro"
{% if is_async %}
        # It is used in one thread at a time, but not always in the same one.
        connection = sqlite3.connect(address, uri=True, timeout=PATIENCE, check_same_thread=False)
{% else %}
        connection = sqlite3.connect(address, uri=True, timeout=PATIENCE)
{% endif %}
        # Text that is no text is read as far as it is, rather than not at all.
        connection.text_factory = lambda text: text.decode("utf-8", "replace")
        return connection

    def _explained(self, exc: sqlite3.Error) -> panoply.PanoplyException:
        # The lowest byte of the code is the kind of failure, the others say more.
        again = (getattr(exc, "sqlite_errorcode", 0) & 0xFF) in SHORT_FAILURES
        advice = "" if again else " Check that it is the path of an SQLite file, which may be read."
        return panoply.PanoplyException(f"{self._path} could not be read: {exc}.{advice}", retryable=again)


def as_json(value: Any) -> Any:
    """Write a value so that JSON can hold it: bytes as hexadecimal digits, an infinite number as None."""
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def _for_state(value: Any) -> Any:
    return {"bytes": value.hex()} if isinstance(value, bytes) else value


def _from_state(value: Any) -> Any:
    return bytes.fromhex(value["bytes"]) if isinstance(value, dict) else value


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
