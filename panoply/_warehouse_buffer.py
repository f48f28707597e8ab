"""Rows on their way into the warehouse, gathered until it is worth while to load them. No I/O.

They are kept as the lines of JSON that are loaded in bulk. A short, flat record is kept in the very line that the SDK would
send, behind a prefix with its key; anything else is written anew, under the names of its columns. Which types the
columns have is looked up a thousand rows at a time, column by column.

Rows that have the same columns make a lot. By the lot, the loading knows which columns a row says something about: the
platform updates these, and leaves the others.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import orjson

from panoply._warehouse_keys import generated, key_of
from panoply._warehouse_rows import DEEPEST, KEY, LOT, Columns, is_plain, split
from panoply._warehouse_types import LEAVES, Kind, seen, wider
from panoply.encoding import Encoder, decode_line

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from panoply._warehouse_keys import KeyRule

__all__ = ["Gathered", "Lot", "Rows"]

Path = tuple[str, ...]

# Rows whose types are looked up together.
_TOGETHER: Final = 1000

# Plans that are kept; a source whose rows are all different is not to pay for it with memory.
_PLANS: Final = 2000

_NESTED: Final = frozenset({dict, list})
_JSON: Final = _NESTED | {type(None), bool, int, float, str}

# Bytes that a row takes beside its line.
_BESIDE: Final = 200


@dataclass(slots=True, eq=False)
class Lot:
    """Rows of a table that have the same columns.

    Attributes:
        number: within its table.
        flat: the columns with a scalar, in the order of the values; None for a value that is no column.
        nested: the columns with a nested value.
        head: how the line of each row begins.
        values: of rows whose types are still to be looked up.
    """

    number: int
    flat: tuple[str | None, ...]
    nested: frozenset[str]
    present: frozenset[str] = frozenset()
    head: bytes = b""
    values: list[tuple[Any, ...]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.present = self.nested.union(name for name in self.flat if name is not None)
        self.head = b'{"%b":%d,"__senttime":"' % (LOT.encode(), self.number)


@dataclass(frozen=True, slots=True)
class _Plan:
    """How to take rows with certain keys whose values have certain types, of those that JSON has.

    Attributes:
        lot: theirs.
        names: the columns with a scalar.
        places: where their values are among those of the row.
        nested: the columns with a nested value, and where that is.
        id_place: where a value is that may be the key; None if there is none.
        is_whole: whether the row is written as it is.
    """

    lot: Lot
    names: tuple[str, ...]
    places: tuple[int, ...]
    nested: tuple[tuple[str, int], ...]
    id_place: int | None
    is_whole: bool


class Rows:
    """What is known of the rows of one table, a main or a sub-table.

    Args:
        path: the table's, and of a sub-table the columns that lead there.
        links: the columns that lead to the rows that those of a sub-table are in, outermost first.
        link: the column by which rows of sub-tables lead here.
        stored: the types of the columns in the warehouse.
    """

    def __init__(self, path: Path, links: tuple[str, ...], link: str, stored: Mapping[str, Kind]) -> None:
        self.path = path
        self.links = links
        self.link = orjson.dumps(link)
        self.lots: list[Lot] = []
        self.kinds: dict[str, Kind | None] = {}
        self.shifted: set[str] = set()
        self.has_text_keys = False
        self.lines: list[bytes] = []
        self.columns: dict[tuple[str, ...], Columns] = {}
        self._stored = stored
        self._plans: dict[tuple[Any, ...], _Plan | None] = {}
        self._by_shape: dict[tuple[tuple[str | None, ...], frozenset[str]], Lot] = {}

    def lot(self, flat: tuple[str | None, ...], nested: frozenset[str] = frozenset()) -> Lot:
        """The lot of rows of this shape."""
        found = self._by_shape.get((flat, nested))
        if found is None:
            found = self._by_shape[flat, nested] = Lot(len(self.lots), flat, nested)
            self.lots.append(found)
            for name in flat:
                if name is not None:
                    self.kinds.setdefault(name, None)
        return found

    def columns_of(self, keys: tuple[str, ...]) -> Columns:
        """The columns for these keys of a record."""
        found = self.columns.get(keys)
        if found is None:
            found = self.columns[keys] = Columns.of(keys, self.links)
        return found

    def plan(self, keys: tuple[str, ...], types: tuple[type, ...]) -> _Plan | None:
        """How to take rows of these keys and types; None if their values have to be looked at one by one."""
        try:
            return self._plans[keys, types]
        except KeyError:
            if len(self._plans) >= _PLANS:
                self._plans.clear()
            plan = self._plans[keys, types] = self._planned(keys, types)
            return plan

    def _planned(self, keys: tuple[str, ...], types: tuple[type, ...]) -> _Plan | None:
        if not (_JSON.issuperset(types) and {str}.issuperset(map(type, keys))) or len(self.path) > DEEPEST:
            return None
        columns = self.columns_of(keys)
        flat, nested = [], []
        for place, (name, kind) in enumerate(zip(columns.names, types, strict=True)):
            if kind in _NESTED and (name is not None or place == columns.id_place):
                nested.append(("id" if name is None else name, place))
            elif name is not None:
                flat.append((name, place))
        names = tuple(name for name, _ in flat)
        return _Plan(
            lot=self.lot(names, frozenset(name for name, _ in nested)),
            names=names,
            places=tuple(place for _, place in flat),
            nested=tuple(nested),
            id_place=columns.id_place,
            is_whole=names == keys,
        )

    def add(self, lot: Lot, values: tuple[Any, ...]) -> None:
        """Take note of the values of a row."""
        lot.values.append(values)
        if len(lot.values) >= _TOGETHER:
            self._look_up(lot)

    def settle(self) -> None:
        """Look up all types that are still to be looked up."""
        for lot in self.lots:
            self._look_up(lot)

    def _look_up(self, lot: Lot) -> None:
        if not lot.values:
            return
        for name, column in zip(lot.flat, zip(*lot.values, strict=True), strict=True):
            if name is None or self.kinds[name] is Kind.TEXT:
                continue
            if self._stored.get(name) is Kind.TEXT and column.count(None) != len(column):
                self.kinds[name] = Kind.TEXT
                continue
            kind, shifted = seen(column)
            self.kinds[name] = wider(self.kinds[name], kind)
            if shifted:
                self.shifted.add(name)
        lot.values.clear()


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
        for number, item in enumerate(value if is_list else (value,), 1):
            row = item if isinstance(item, dict) else {"value": item}
            keys, values = tuple(row), tuple(row.values())
            plan = rows.plan(keys, tuple(map(type, values)))
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
    rows: Rows, plan: _Plan | None, row: Mapping[str, Any], values: tuple[Any, ...]
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
            return plan.lot, body, [(name, values[place]) for name, place in plan.nested]
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
