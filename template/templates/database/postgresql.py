{% set is_async = cookiecutter.mode == "async" %}
{% set a = "async " if is_async else "" %}
{% set w = "await " if is_async else "" %}
{% set auth = cookiecutter.auth %}
{% set credential = {"password": "password", "token": "token", "oauth2": "access_token"}[auth] %}
"""Reads PostgreSQL: all that is particular to it is in this file, and what goes wrong is explained here.

Rows are read in the order of a key, each time those behind the last one: that finds the place again after a lost connection
and in a later run, too, without a transaction that stays open. Without a primary key, a digest of the whole row is the key.
{% if auth == "password" %}
The password is given to the driver alone. No URL, message or `repr` holds it.
{% else %}
The token is given to the driver alone, in the place of a password. No URL, message or `repr` holds it.
{% endif %}
"""

from __future__ import annotations

{% if is_async %}
import asyncio
{% endif %}
import math
import re
{% if not is_async %}
import socket
import threading
{% endif %}
from collections.abc import {{ "" if is_async else "Iterator, " }}Mapping, Sequence
{% if not is_async %}
from contextlib import contextmanager, suppress
{% endif %}
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, LiteralString

import panoply
import psycopg
from psycopg import sql
from psycopg.abc import Buffer
from psycopg.adapt import AdaptersMap
from psycopg.types.datetime import DateLoader, TimeLoader, TimestampLoader, TimestamptzLoader, TimetzLoader
from psycopg.types.string import TextLoader

PORT = 5432
SCHEMA = "public"
{% if auth == "oauth2" %}
TOKEN_URL = "https://login.example.com/oauth/token"  # noqa: S105 - an address
{% endif %}

# Seconds that connecting may take, and each query, which the server then ends. So many more, and it is not waited for any
# longer: a server that has fallen silent must not hang the collection.
TIMEOUT = 30
GRACE = 5

# How the connection is encrypted. `prefer` does without where the server cannot.
SSLMODES = ("require", "prefer", "disable")

# Dates and text are written in one way, whatever the server is set to; and nothing can be changed by mistake.
SETTINGS = """
SELECT set_config('statement_timeout', %s, false), set_config('TimeZone', 'UTC', false), set_config('DateStyle', 'ISO', false),
    set_config('default_transaction_read_only', 'on', false)
"""

# Tables, also partitioned ones (not their partitions), views, and what is fetched from other servers.
TABLES = """
SELECT c.relname, c.relkind <> 'r', greatest(c.reltuples, 0)::bigint, (
    SELECT array_agg(a.attname::text ORDER BY k.place)
    FROM pg_constraint p
    CROSS JOIN unnest(p.conkey) WITH ORDINALITY AS k (number, place)
    JOIN pg_attribute a ON a.attrelid = p.conrelid AND a.attnum = k.number
    WHERE p.conrelid = c.oid AND p.contype = 'p'
)
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = %s AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition
    AND has_table_privilege(c.oid, 'SELECT')
ORDER BY c.relname
"""

# In the order of the primary key. A key is text: so it can be part of a state, whatever its types.
BY_KEY = """
SELECT {texts}, {rows}.* FROM {table} AS {rows} {behind} ORDER BY {key} LIMIT %s
"""

# In the order of what the rows hold; of rows that are equal, each is a copy with a number.
BY_DIGEST = """
SELECT {texts}, ({rows}.whole).* FROM (
    SELECT whole, digest, row_number() OVER (PARTITION BY digest) AS copy FROM (
        SELECT {rows} AS whole, sha256(convert_to(row({rows}.*)::text, 'UTF8')) AS digest FROM {table} AS {rows}
    ) AS digested
) AS {rows} {behind} ORDER BY {key} LIMIT %s
"""


@dataclass(frozen=True, slots=True)
class Table:
    """A table, and about how many rows it has.

    Attributes:
        key: the columns of its primary key; none: it has no primary key.
        is_spread: whether its rows are in other tables: its partitions, or what a view reads.
    """

    name: str
    key: tuple[str, ...]
    rows: int
    is_spread: bool


@dataclass(frozen=True, slots=True)
class Row:
    """What a row holds, and its key: as JSON, so that it can be part of a state."""

    key: list[str]
    values: dict[str, Any]


{% if auth == "oauth2" %}
class AccessRefused(panoply.PanoplyException):
    """The database does not take the access token, which may just have expired: `Stream` gets a fresh one, once."""

    def __init__(self, said: str) -> None:
        super().__init__(f"The database refused the access ({said}). Connect the account again.", retryable=False)


{% endif %}
class {{ cookiecutter.__class }}Database:
    """Asks the database, as the user whose credentials are among the params."""

    def __init__(self, source: Mapping[str, Any]) -> None:
        self._source = source{{ "  # the access token in it is replaced when it has expired" if auth == "oauth2" }}
        self._host, self._name, self._user = (_filled_in(source, name).strip() for name in ("host", "dbname", "user"))
        _filled_in(source, "{{ credential }}")
        self._port = _number(source, "port", PORT, 65535)
        self._schema = _filled_in(source, "schema_name", SCHEMA).strip()
        self._timeout = _number(source, "timeout", TIMEOUT, 3600)
        self._encryption = _filled_in(source, "sslmode", SSLMODES[{{ 1 if auth == "password" else 0 }}])
        if self._encryption not in SSLMODES:
            raise panoply.PanoplyException(f"The param 'sslmode' is none of {', '.join(SSLMODES)}.", retryable=False)
        self._connection: psycopg.{{ "Async" if is_async }}Connection | None = None

    {{ a }}def tables(self) -> list[Table]:
        """List what there is to read, in alphabetical order."""
        _, rows = {{ w }}self._ask(TABLES, self._schema)
        return [Table(name, tuple(key or ()), count, is_spread) for name, is_spread, count, key in rows]

    {{ a }}def rows(self, table: Table, after: Sequence[Any] | None, limit: int) -> list[Row]:
        """Fetch the rows behind the key `after`, or the first ones: as many as `limit`, or all that are left."""
        names, rows = {{ w }}self._ask(_query(self._schema, table, after), *(after or ()), limit)
        width = len(table.key) or 2
        return [
            Row(list(row[:width]), dict(zip(names[width:], map(as_json, row[width:]), strict=True))) for row in rows
        ]

    {{ a }}def close(self) -> None:
        """Close the connection. Works any number of times."""
        connection, self._connection = self._connection, None
        if connection is not None:
            {{ w }}connection.close()

    {{ a }}def _ask(self, query: LiteralString | sql.Composed, *values: Any) -> tuple[list[str], list[tuple[Any, ...]]]:
        try:
            if self._connection is None:
                self._connection = {{ w }}self._connect()
                {{ w }}self._run(self._connection, SETTINGS, f"{self._timeout}s")
            return {{ w }}self._run(self._connection, query, *values)
        except (psycopg.Error, {{ "TimeoutError" if is_async else "OSError" }}) as exc:
            # A connection that is half open is of no use to the next call, which makes another one.
            {{ w }}self.close()
            raise self._explained(exc) from exc

    {{ a }}def _connect(self) -> psycopg.{{ "Async" if is_async }}Connection:
        connection = {{ w }}psycopg.{{ "Async" if is_async }}Connection.connect(
            host=self._host,
            port=self._port,
            dbname=self._name,
            user=self._user,
            password=_filled_in(self._source, "{{ credential }}"){{ ".strip()" if auth != "password" }},
            sslmode=self._encryption,
            connect_timeout=self._timeout,
            # A line that is dead without anybody having said so.
            keepalives_idle=self._timeout,
            tcp_user_timeout=self._timeout * 1000,
            client_encoding="utf8",
            application_name="{{ cookiecutter.package }}",
            autocommit=True,
            prepare_threshold=None,  # connection pools that servers stand behind know nothing of them
        )
        _load_as_json(connection.adapters)
        return connection

{% if is_async %}
    async def _run(
        self, connection: psycopg.AsyncConnection, query: LiteralString | sql.Composed, *values: Any
    ) -> tuple[list[str], list[tuple[Any, ...]]]:
        async with asyncio.timeout(self._timeout + GRACE):
            cursor = await connection.execute(query, values)
            return [column.name for column in cursor.description or ()], await cursor.fetchall()
{% else %}
    def _run(
        self, connection: psycopg.Connection, query: LiteralString | sql.Composed, *values: Any
    ) -> tuple[list[str], list[tuple[Any, ...]]]:
        with _time_limit(connection, self._timeout + GRACE):
            cursor = connection.execute(query, values)
            return [column.name for column in cursor.description or ()], cursor.fetchall()
{% endif %}

    def _explained(self, exc: Exception) -> panoply.PanoplyException:
        said = " ".join(str(exc).split()) or "no answer in time"
        code = getattr(exc, "sqlstate", None) or ""
        # The driver does not tell the code of what went wrong while it connected.
        if code.startswith("28") or (not code and REFUSED.search(said)):
{% if auth == "oauth2" %}
            return AccessRefused(said)
{% else %}
{% if auth == "password" %}
            message = f"The database refused user and password ({said}). Check both, and that the user may connect."
{% else %}
            message = f"The database refused the token ({said}). Check that it is this user's, and has not expired."
{% endif %}
            return panoply.PanoplyException(message, retryable=False)
{% endif %}
        if code == "57014":
            said += f"; queries may take {self._timeout} seconds, the param 'timeout' allows them more"
        again = not code.startswith(("3D", "3F", "42")) and not UNKNOWN.search(said)
        return panoply.PanoplyException(f"The database {self._name} on {self._host}: {said}", retryable=again)


# What servers say that do not let somebody in; and that they do not have the database.
REFUSED = re.compile(
    r"authentication failed|no pg_hba\.conf entry|no password supplied|role .+ (does not exist|is not permitted)"
)
UNKNOWN = re.compile(r"database .+ does not exist")


def as_json(value: Any) -> Any:
    """Write a value so that JSON can hold it: numbers that are infinite, or none, as None; half a character as "?"."""
    if isinstance(value, float | Decimal):
        return value if math.isfinite(value) else None
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, list):
        return [as_json(each) for each in value]
    if isinstance(value, dict):
        return {as_json(name): as_json(each) for name, each in value.items()}
    return value


def _load_as_json(adapters: AdaptersMap) -> None:
    """Have the driver give as text, as the server writes it, what JSON has no form for, and dates that Python does not have."""
    for name in ("bytea", "cidr", "inet", "interval"):
        adapters.register_loader(name, TextLoader)
    for each in adapters.types:
        if each.name.endswith("range"):
            adapters.register_loader(each.name, TextLoader)
    for name, loader in (
        ("date", DateLoader),
        ("time", TimeLoader),
        ("timetz", TimetzLoader),
        ("timestamp", TimestampLoader),
        ("timestamptz", TimestamptzLoader),
    ):
        adapters.register_loader(name, _or_text(loader))


def _or_text(loader: type[Any]) -> type[Any]:
    class OrText(loader):  # type: ignore[misc]
        def load(self, data: Buffer) -> Any:
            try:
                return super().load(data)
            except psycopg.DataError:  # infinity, 24:00, the year 10000 or one before Christ
                return bytes(data).decode()

    return OrText


def _query(schema: str, table: Table, after: Sequence[Any] | None) -> sql.Composed:
    rows = _quoted("_{{ cookiecutter.package }}")
    key = [rows + sql.SQL(".") + _quoted(name) for name in table.key or ("digest", "copy")]
    whole = sql.SQL(", ").join(key)
    marks = sql.SQL(", ").join([sql.SQL("%s")] * len(key))
    name = _quoted(schema, table.name)
    return sql.SQL(BY_KEY if table.key else BY_DIGEST).format(
        rows=rows,
        # Tables that others inherit from would give the rows of those, too; which are tables of their own.
        table=name if table.is_spread else sql.SQL("ONLY ") + name,
        texts=sql.SQL(", ").join(each + sql.SQL("::text") for each in key),
        behind=sql.SQL("WHERE ({}) > ({})").format(whole, marks) if after else sql.SQL(""),
        key=whole,
    )


def _quoted(*names: str) -> sql.Identifier:
    # The driver looks for the places of values everywhere, also in names.
    return sql.Identifier(*(name.replace("%", "%%") for name in names))
{% if not is_async %}


@contextmanager
def _time_limit(connection: psycopg.Connection, seconds: int) -> Iterator[None]:
    """Cut a connection that keeps silent: nothing else ends the driver's wait, as the server's own limit is the server's."""
    with socket.fromfd(connection.fileno(), socket.AF_INET, socket.SOCK_STREAM) as line:

        def cut() -> None:
            with suppress(OSError):  # it has been cut already
                line.shutdown(socket.SHUT_RDWR)

        timer = threading.Timer(seconds, cut)
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            timer.join()
{% endif %}


def _filled_in(source: Mapping[str, Any], name: str, default: str = "") -> str:
    value = str(source.get(name) or default)
    if not value.strip():
        raise panoply.PanoplyException(f"The param '{name}' is missing. Fill in its field.", retryable=False)
    # Checked here because the driver's own complaint quotes what it complains about.
    if re.search("[\0\ud800-\udfff]", value):
        message = f"The param '{name}' holds what is no character. Type it again."
        raise panoply.PanoplyException(message, retryable=False)
    return value


def _number(source: Mapping[str, Any], name: str, default: int, largest: int) -> int:
    given = source.get(name)
    value = str(default if given in (None, "") else given).strip()
    if not re.fullmatch("[0-9]{1,6}", value) or not 1 <= int(value) <= largest:
        message = f"The param '{name}' is no whole number from 1 to {largest}. Correct its field."
        raise panoply.PanoplyException(message, retryable=False)
    return int(value)
{% if auth == "oauth2" %}


def token_url(source: Mapping[str, Any]) -> str:
    """Tell where a fresh access token is had."""
    return _filled_in(source, "token_url", TOKEN_URL)
{% endif %}
