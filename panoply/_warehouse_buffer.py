"""Rows on their way into the warehouse, gathered until it is worth while to load them. No I/O.

They are kept as the lines of JSON that are loaded in bulk. A short, flat record is kept in the very line that the SDK would
send, behind a prefix with its key; anything else is written anew, under the names of its columns. Of several records with one
key, one row is left.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import orjson

from panoply._warehouse_keys import generated, key_of
from panoply._warehouse_rows import KEY, LOT, is_plain, split
from panoply._warehouse_types import LEAVES
from panoply.encoding import Encoder, decode_line

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from panoply._warehouse_keys import KeyRule
    from panoply._warehouse_lots import Lot, Path, Plan, Rows

__all__ = ["Gathered", "stamp"]

# Bytes that a row takes beside its line.
_BESIDE: Final = 200


@dataclass(slots=True)
class _Row:
    """A row of the main table.

    Attributes:
        lot: its lot.
        line: its line.
        inner: the rows of sub-tables, at any depth: the column of the main table that they were in, the table's rows, the
            line; and again. One list rather than many tuples spares the garbage collector.
    """

    lot: Lot
    line: bytes
    inner: list[Any] | None


class Gathered:
    """The rows of one main table and its sub-tables.

    Args:
        main: the main table's rows.
        rule: how to find the key.
        sub_rows: gives the rows of a sub-table, by its path.

    Attributes:
        records: how many there were, also those that were replaced by a later one.
        keyless: how many of them had no key.
        size: about how many bytes it takes.
        tables: the rows of all the tables.
    """

    def __init__(
        self,
        main: Rows,
        rule: KeyRule,
        encoder: Encoder,
        sub_rows: Callable[[Path], Rows],
    ) -> None:
        self.main = main
        self.records = 0
        self.keyless = 0
        self.size = 0
        self.tables: dict[Path, Rows] = {main.path: main}
        self._rule = rule
        self._encoder = encoder
        self._sub_rows = sub_rows
        self._rows: dict[str, _Row] = {}
        self._sources: dict[tuple[str, ...], tuple[int | None, ...]] = {}
        self._plans: dict[tuple[str, ...], tuple[Lot, tuple[int | None, ...]] | None] = {}

    def add(self, table: str, record: Mapping[str, Any], stamp: bytes) -> int:
        """Take a record; how many bytes it has as the SDK sends it.

        Args:
            table: as the source, or its user, spells it.
            record: a row of the source.
            stamp: what stands between the head of a line and its key, with the time.

        Raises:
            RecordError: it has no JSON form.
        """
        line = self._encoder.line(table, record)
        keys = tuple(record)
        values = tuple(record.values())
        plan = self._plans.get(keys, _UNKNOWN)
        if plan is _UNKNOWN:
            plan = self._plan(keys)
        if plan is None or not LEAVES.issuperset(map(type, values)):
            self._add_any(record, line, stamp)
        else:
            lot, sources = plan
            key = self._rule.key(values, sources)
            self.main.add(lot, values)
            self._put(key, lot, lot.head, stamp, line[len(self._encoder.opening(table)) :], None)
        self.records += 1
        return len(line)

    def settle(self) -> int:
        """Fill in the lines of all tables, ready to be loaded; how many rows the main table gets."""
        self.main.lines = [row.line for row in self._rows.values()]
        for row in self._rows.values():
            if row.inner:
                for rows, line in zip(row.inner[1::3], row.inner[2::3], strict=True):
                    rows.lines.append(line)
        for rows in self.tables.values():
            rows.settle()
        return len(self._rows)

    def _plan(self, keys: tuple[str, ...]) -> tuple[Lot, tuple[int | None, ...]] | None:
        """How to take records with these keys, if their values are scalars; None if their columns have other names."""
        plan = None
        if all(type(key) is str for key in keys):
            columns = self.main.columns_of(keys)
            if columns.as_they_are:
                plan = self.main.lot(columns.names), self._rule.sources(keys)
        self._plans[keys] = plan
        return plan

    def _put(  # noqa: PLR0913, PLR0917
        self,
        key: int | str | None,
        lot: Lot,
        head: bytes,
        stamp: bytes,
        rest: bytes,
        inner: list[Any] | None,
    ) -> None:
        if type(key) is int:
            identity = str(key)
            line = b'%b%b"%d"%b' % (head, stamp, key, rest)
        else:
            self.main.has_text_keys = True
            self.keyless += key is None
            identity = generated() if key is None else key  # type: ignore[assignment]
            line = b"".join((head, stamp, orjson.dumps(identity), rest))
        row = _Row(lot, line, inner)
        old = self._rows.get(identity)
        if old is not None and not lot.present >= old.lot.present:
            row = self._merged(old, row)
        self._rows[identity] = row
        self.size += len(line) + _BESIDE

    def _merged(self, old: _Row, new: _Row) -> _Row:
        """One row of two with the same key: what the later one says nothing about stays as it was."""
        values = json.loads(old.line)
        for name in new.lot.present:
            values.pop(name, None)
        values.update(json.loads(new.line))
        nested = new.lot.nested | (old.lot.nested - new.lot.present)
        flat = sorted((old.lot.present | new.lot.present) - nested)
        lot = self.main.lot(tuple(flat), nested)
        values[LOT] = lot.number
        kept = old.inner or []
        inner = [
            each
            for start in range(0, len(kept), 3)
            if kept[start] not in new.lot.present
            for each in kept[start : start + 3]
        ] + (new.inner or [])
        return _Row(lot, json.dumps(values).encode() + b"\n", inner)

    def _add_any(self, record: Mapping[str, Any], line: bytes, stamp: bytes) -> None:
        try:
            self._add_nested(record, stamp)
        except _Odd:
            # Whatever it is made of, by now it is JSON.
            self._add_nested(decode_line(line)[1], stamp)

    def _add_nested(self, record: Mapping[str, Any], stamp: bytes) -> None:
        keys, values = tuple(record), tuple(record.values())
        plan = self.main.plan(keys, tuple(map(type, values)))
        lot, body, nested = _taken(self.main, plan, record, values)
        sources = self._sources.get(keys)
        if sources is None:
            sources = self._sources[keys] = self._rule.sources(keys)
        found = self._rule.key(values, sources)
        key = generated() if found is None else found
        inner: list[Any] = []
        links = b"%b:%b" % (self.main.link, orjson.dumps(str(key)))
        for name, value in nested:
            self._add_inner((*self.main.path, name), name, value, key, links, stamp, inner)
        self._put(key, lot, lot.head, stamp, body, inner)
        self.keyless += found is None

    def _add_inner(  # noqa: PLR0913, PLR0917
        self,
        path: Path,
        first: str,
        value: Any,
        above: int | str,
        links: bytes,
        stamp: bytes,
        out: list[Any],
    ) -> None:
        """Add the rows of a nested value.

        Args:
            path: of their table.
            first: the column of the main table that all is in.
            value: a list or an object.
            above: the key of the row that it is in.
            links: the columns that lead to the rows that it is in, as JSON without its brackets.
            stamp: see `add`.
            out: to which rows are added.
        """
        if not value:
            return
        rows = self.tables.get(path)
        if rows is None:
            rows = self.tables[path] = self._sub_rows(path)
        is_list = not isinstance(value, dict)
        plan: Plan | None = None
        last: tuple[Any, ...] = ()
        for number, item in enumerate(value if is_list else (value,), 1):
            row = item if isinstance(item, dict) else {"value": item}
            keys, values = tuple(row), tuple(row.values())
            # Most items of a list look like the one before.
            looks = (*keys, *map(type, values))
            if looks != last:
                last, plan = looks, rows.plan(keys, looks[len(keys) :])
            lot, body, nested = _taken(rows, plan, row, values)
            place = rows.columns_of(keys).id_place if plan is None else plan.id_place
            key = None if place is None else key_of(values[place])
            if key is None:
                key = f"{above}-{number}" if is_list else above
            if isinstance(key, int):
                key_json = b'"%d"' % key
            else:
                rows.has_text_keys = True
                key_json = orjson.dumps(key)
            line = b"".join((lot.head, stamp, key_json, b",", links, body))
            out += (first, rows, line)
            self.size += len(line) + _BESIDE
            if nested:
                deeper = b"%b,%b:%b" % (links, rows.link, key_json)
                for name, inner in nested:
                    self._add_inner((*path, name), first, inner, key, deeper, stamp, out)


class _Odd(Exception):
    """A row holds values that are not of the usual types."""


def _taken(
    rows: Rows, plan: Plan | None, row: Mapping[str, Any], values: tuple[Any, ...]
) -> tuple[Lot, bytes, Sequence[tuple[str, Any]]]:
    """The lot of a row, how its line goes on behind the links, and what is nested in it."""
    if plan is not None:
        try:
            if plan.is_whole:
                body, flat = orjson.dumps(row), values
            else:
                flat = tuple([values[place] for place in plan.places])
                body = orjson.dumps(dict(zip(plan.names, flat, strict=True)))
        except TypeError:  # an integer beyond 64 bits
            pass
        else:
            rows.add(plan.lot, flat)
            body = b"," + body[1:] + b"\n" if flat else b"}\n"
            return plan.lot, body, [(name, values[place]) for name, place in plan.nested] if plan.nested else ()
    if type(row) is not dict or not is_plain(row):
        raise _Odd
    scalars, nested = split(row, rows.columns_of(tuple(row)), len(rows.path) - 1)
    lot = rows.lot(tuple(scalars), frozenset(nested))
    rows.add(lot, tuple(scalars.values()))
    return lot, _rest(scalars), list(nested.items())


_UNKNOWN: Any = object()


def _rest(flat: dict[str, Any]) -> bytes:
    """How a line goes on behind its key."""
    return b"," + orjson.dumps(flat)[1:] + b"\n" if flat else b"}\n"


def stamp(moment: str) -> bytes:
    """What stands between the head of a line and its key."""
    return b'%b","%b":' % (moment.encode(), KEY.encode())
