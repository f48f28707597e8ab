"""Gathered rows into tables: makes tables and columns, widens types, updates, inserts, replaces sub-rows.

From Panoply's documentation: every write is an upsert. A row whose key is there updates those columns that the record has. Each row
has `__senttime`, when it was read from the source, `__updatetime`, when it was last written, and `__createtime`, when it was first
written. A column without values is not made.

Decided here: None in a record empties the column, a key that it does not have leaves it alone. What an updated record has
nested replaces all that it had nested there before; so does a scalar, or None, in the same place.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from panoply._warehouse_lots import Path, Rows
from panoply._warehouse_names import free, quoted, spelled
from panoply._warehouse_rows import KEY, LOT, META
from panoply._warehouse_store import CATALOG, STAGE
from panoply._warehouse_types import MAX_EXACT, Kind, wider
from panoply.errors import ParamsError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from panoply._warehouse_buffer import Gathered
    from panoply._warehouse_store import Store

__all__ = ["Loaded", "Warehouse"]

_SENT, _UPDATED, _CREATED = META
_META_KINDS: Final = dict.fromkeys(META, Kind.TIMESTAMP)


@dataclass(slots=True, eq=False)
class _Table:
    name: str
    path: Path
    links: tuple[str, ...]
    # As they are in the database; empty while the table is not there.
    columns: dict[str, Kind] = field(default_factory=dict)
    is_empty: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """What became of rows: how many of the main table are new, and how many there were of each sub-table."""

    new: int
    inner: Mapping[Path, int]


class Warehouse:
    """The tables in a store. What is loaded is there for good after `commit`.

    Raises:
        ParamsError: a table of this name is there, and is not one of the warehouse's.
        DeliveryError: the store does not take it.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._tables: dict[Path, _Table] = {}
        self._is_open = False
        self._taken = store.tables()
        if CATALOG in self._taken:
            found = [
                (tuple(json.loads(path)), name) for name, path in store.run(f"SELECT name, path FROM {quoted(CATALOG)}")
            ]
            for path, name in sorted(found, key=lambda table: len(table[0])):
                if name in self._taken:  # else somebody has dropped it
                    self._read(name, path)

    def columns(self, path: Path) -> int:
        """How many columns a table has, all counted."""
        return len(self._tables[path].columns)

    def name(self, path: Path) -> str:
        """What a table is called."""
        return self._table(path).name

    def rows(self, path: Path) -> Rows:
        """Room for rows of a table, which need not be there yet."""
        table = self._table(path)
        return Rows(path, table.links, _link(table.name), table.columns)

    def load(self, gathered: Gathered, now: datetime) -> Loaded:
        """Put the rows into their tables."""
        count = gathered.settle()
        if not self._is_open:
            self._store.begin()
            self._is_open = True
        main = self._table(gathered.main.path)
        replaces = not main.is_empty
        self._prepare(main, gathered.main)
        for path in sorted(gathered.tables, key=len)[1:]:
            if gathered.tables[path].lines:
                self._prepare(self._table(path), gathered.tables[path])
        self._follow(main.path)
        known = self._load_main(main, gathered.main, now, replaces=replaces)
        inner = {}
        for path, rows in gathered.tables.items():
            if path != main.path and rows.lines:
                table = self._table(path)
                self._stage(table, rows, once=True)
                self._insert(table, rows, now, known=0)
                inner[path] = len(rows.lines)
        return Loaded(new=count - known, inner=inner)

    def commit(self) -> None:
        """Have on disk what was loaded."""
        if self._is_open:
            self._is_open = False
            self._store.commit()

    def _read(self, name: str, path: Path) -> None:
        columns = {}
        for column, kind in self._store.columns(name).items():
            if kind is None:
                raise ParamsError(
                    f"In {self._store.name}, the column {column!r} of the table {name!r} has a type that is not ours. "
                    "Change it back, or choose another file."
                )
            columns[column] = kind
        links = tuple(_link(self._table(path[:depth]).name) for depth in range(1, len(path)))
        (found,) = self._store.run(f"SELECT count(*) FROM (SELECT 1 FROM {quoted(name)} LIMIT 1) AS first")
        self._tables[path] = _Table(name, path, links, columns, is_empty=not found[0])

    def _table(self, path: Path) -> _Table:
        """The table of this path, with a name of its own; it is made when there are rows for it."""
        found = self._tables.get(path)
        if found is None:
            wanted = path[0] if len(path) == 1 else spelled(f"{self._table(path[:-1]).name}_{path[-1]}")
            ours = {table.name for table in self._tables.values()}
            if wanted in self._taken - ours and len(path) == 1:
                raise ParamsError(
                    f"In {self._store.name} there is a table {wanted!r} that did not come from a run. "
                    "Choose another destination, or another file."
                )
            links = tuple(_link(self._table(path[:depth]).name) for depth in range(1, len(path)))
            found = self._tables[path] = _Table(free(wanted, self._taken | ours | {CATALOG, STAGE}), path, links)
        return found

    def _prepare(self, table: _Table, rows: Rows) -> None:
        """Make the table and its columns, with types that hold what comes."""
        kinds = {name: kind for name, kind in rows.kinds.items() if kind is not None}
        key = Kind.TEXT if rows.has_text_keys else Kind.BIGINT
        if not table.columns:
            if self._orphaned(table):
                key = Kind.TEXT
            self._create(table, {"id": key, **dict.fromkeys(table.links, Kind.BIGINT), **kinds, **_META_KINDS})
            return
        for name, kind in kinds.items():
            if name not in table.columns:
                self._store.run(
                    f"ALTER TABLE {quoted(table.name)} ADD COLUMN {quoted(name)} {self._store.declared(kind)}"
                )
                table.columns[name] = kind
        changes = {}
        for name, kind in {**kinds, "id": key}.items():
            held = self._held(table, name, kind)
            widened = held if name == "id" and held is Kind.TEXT else wider(held, kind)
            if widened is not None and self._store.declared(widened) != self._store.declared(table.columns[name]):
                changes[name] = widened
        self._widen(table, changes)

    def _orphaned(self, table: _Table) -> bool:
        """Remove rows that lead to a table that somebody has dropped; whether any might have led to a text."""
        led_to_text = False
        for path, below in self._tables.items():
            if below.columns and len(path) > len(table.path) and path[: len(table.path)] == table.path:
                self._store.run(f"DELETE FROM {quoted(below.name)}")
                led_to_text = led_to_text or below.columns[below.links[len(table.path) - 1]] is Kind.TEXT
        return led_to_text

    def _held(self, table: _Table, name: str, kind: Kind) -> Kind:
        """What a column is known to hold: BIGINT may turn out to be INTEGER, which matters to fractions alone."""
        held = table.columns[name]
        if held is not Kind.BIGINT or kind is not Kind.DOUBLE or name == "id":
            return held
        column = quoted(name)
        ((low, high),) = self._store.run(f"SELECT min({column}), max({column}) FROM {quoted(table.name)}")
        return Kind.INTEGER if low is None or (low >= -MAX_EXACT and high <= MAX_EXACT) else held

    def _follow(self, main: Path) -> None:
        """Let the columns that lead to a row have the type of its `id`, in all tables below."""
        for path, table in list(self._tables.items()):
            if len(path) > 1 and path[0] == main[0] and table.columns:
                changes = {}
                for depth, link in enumerate(table.links, 1):
                    kind = self._table(path[:depth]).columns.get("id")  # None if somebody has dropped that table
                    if kind is not None and table.columns[link] is not kind:
                        changes[link] = kind
                self._widen(table, changes)

    def _widen(self, table: _Table, changes: Mapping[str, Kind]) -> None:
        if changes:
            self._store.widen(table.name, table.columns, changes, table.links[0] if table.links else None)
            table.columns.update(changes)

    def _create(self, table: _Table, columns: dict[str, Kind]) -> None:
        run, declared = self._store.run, self._store.declared
        if CATALOG not in self._taken:
            text = declared(Kind.TEXT)
            run(f"CREATE TABLE {quoted(CATALOG)} (name {text}, path {text})")
            self._taken.add(CATALOG)
        parts = [f"{quoted(name)} {declared(kind)}" for name, kind in columns.items()]
        if self._store.keyed and not table.links:
            parts[0] += " PRIMARY KEY"
        run(f"CREATE TABLE {quoted(table.name)} ({', '.join(parts)})")
        if self._store.keyed and table.links:
            index, link = quoted(f"{CATALOG} {table.name}"), quoted(table.links[0])
            run(f"CREATE INDEX {index} ON {quoted(table.name)} ({link})")
        run(f"DELETE FROM {quoted(CATALOG)} WHERE name = ?", (table.name,))
        run(f"INSERT INTO {quoted(CATALOG)} VALUES (?, ?)", (table.name, json.dumps(table.path)))
        self._taken.add(table.name)
        table.columns.update(columns)

    def _stage(self, table: _Table, rows: Rows, *, once: bool) -> None:
        columns = {
            LOT: Kind.INTEGER,
            KEY: table.columns["id"],
            _SENT: Kind.TIMESTAMP,
            **{link: table.columns[link] for link in table.links},
            **{name: table.columns[name] for name, kind in rows.kinds.items() if kind is not None},
        }
        self._store.stage(rows.lines, columns, rows.shifted, once=once)

    def _load_main(self, table: _Table, rows: Rows, now: datetime, *, replaces: bool) -> int:
        """Update and insert; how many of the rows were there."""
        self._stage(table, rows, once=not replaces)
        known = 0
        if replaces:
            ((known,),) = self._store.run(
                f"SELECT count(*) FROM {STAGE} AS s JOIN {quoted(table.name)} AS t ON t.id = s.{KEY}"
            )
        if known:
            self._replace_inner(table, rows)
            self._update(table, rows, now)
        self._insert(table, rows, now, known=known)
        return known

    def _update(self, table: _Table, rows: Rows, now: datetime) -> None:
        changes = [f"{_SENT} = s.{_SENT}", f"{_UPDATED} = {self._store.moment(now)}"]
        for name in table.columns:
            if name == "id" or name in META:
                continue
            lots = [lot.number for lot in rows.lots if name in lot.present]
            if not lots:
                continue
            column = quoted(name)
            value = f"s.{column}" if rows.kinds.get(name) is not None else "NULL"
            if len(lots) < len(rows.lots):
                value = f"CASE WHEN s.{LOT} IN ({_listed(lots)}) THEN {value} ELSE t.{column} END"
            changes.append(f"{column} = {value}")
        self._store.run(
            f"UPDATE {quoted(table.name)} AS t SET {', '.join(changes)} FROM {STAGE} AS s WHERE t.id = s.{KEY}"
        )

    def _replace_inner(self, table: _Table, rows: Rows) -> None:
        """Remove the rows of sub-tables that the rows to come speak of anew."""
        for path, inner in self._tables.items():
            if len(path) == 1 or path[0] != table.path[0] or not inner.columns:
                continue
            lots = [lot.number for lot in rows.lots if path[1] in lot.present]
            if lots:
                link = quoted(inner.links[0])
                which = "" if len(lots) == len(rows.lots) else f" WHERE {LOT} IN ({_listed(lots)})"
                self._store.run(f"DELETE FROM {quoted(inner.name)} WHERE {link} IN (SELECT {KEY} FROM {STAGE}{which})")

    def _insert(self, table: _Table, rows: Rows, now: datetime, *, known: int) -> None:
        names = [*table.links, *(name for name, kind in rows.kinds.items() if kind is not None)]
        into = ", ".join(quoted(name) for name in ("id", *names, *META))
        values = ", ".join((f"s.{KEY}", *(f"s.{quoted(name)}" for name in names), f"s.{_SENT}"))
        at = self._store.moment(now)
        which = f" WHERE NOT EXISTS (SELECT 1 FROM {quoted(table.name)} AS t WHERE t.id = s.{KEY})" if known else ""
        self._store.run(
            f"INSERT INTO {quoted(table.name)} ({into}) SELECT {values}, {at}, {at} FROM {STAGE} AS s{which}"
        )
        self._store.unstage()
        table.is_empty = False


def _link(table: str) -> str:
    """The column by which rows of other tables lead to this one."""
    return spelled(f"{table}_id")


def _listed(numbers: list[int]) -> str:
    return ", ".join(map(str, numbers))
