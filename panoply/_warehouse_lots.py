"""The rows of one table that are on their way into the warehouse, by what they have in common. No I/O.

Rows that have the same columns make a lot. By the lot, the loading knows which columns a row says something about: the
platform updates these, and leaves the others. Which types the columns have is looked up a thousand rows at a time, column by
column.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import orjson

from panoply._warehouse_rows import DEEPEST, LOT, Columns
from panoply._warehouse_types import Kind, seen, wider

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Lot", "Path", "Plan", "Rows"]

# A table's: its name, and of a sub-table the columns that lead there.
Path = tuple[str, ...]

# Rows whose types are looked up together.
_TOGETHER: Final = 1000

# Plans that are kept; a source whose rows are all different is not to pay for it with memory.
_PLANS: Final = 2000

_NESTED: Final = frozenset({dict, list})
_JSON: Final = _NESTED | {type(None), bool, int, float, str}


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
class Plan:
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
        self._plans: dict[tuple[Any, ...], Plan | None] = {}
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

    def plan(self, keys: tuple[str, ...], types: tuple[type, ...]) -> Plan | None:
        """How to take rows of these keys and types; None if their values have to be looked at one by one."""
        try:
            return self._plans[keys, types]
        except KeyError:
            if len(self._plans) >= _PLANS:
                self._plans.clear()
            plan = self._plans[keys, types] = self._planned(keys, types)
            return plan

    def _planned(self, keys: tuple[str, ...], types: tuple[type, ...]) -> Plan | None:
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
        return Plan(
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
