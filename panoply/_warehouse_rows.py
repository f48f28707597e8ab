"""What a record becomes in the warehouse: a row, and rows of sub-tables. Pure.

From Panoply's documentation: each nested value moves to a table of its own, named after the table and the column, `users_friends`;
its rows have a column `users_id` that leads to their parent. A list makes a row for each of its items, an object makes one;
what is no object is in the column `value`.

Decided here:

- The rows of deeper tables lead to each of the rows that they are in: `users_id`, `users_friends_id`, ...
- A row of a sub-table has an `id`: its own, or that of its parent, followed by its number within a list (`30-1`).
- A list in a list is a nested `value`. An empty list or object makes no row, but None in a list does.
- Nested more than `DEEPEST` levels, a value is kept as JSON text.
- `__table` and `__state` are words between a source and the platform, and no columns.
- A raw message, which only the platform can parse, is a row like any other: `type`, `tag`, `raw`, and its metadata nested.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from panoply._warehouse_names import named, spelled
from panoply._warehouse_types import LEAVES, exact

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

__all__ = ["DEEPEST", "HIDDEN", "KEY", "LOT", "META", "Columns", "is_plain", "leaf", "split"]

# Each level is a table.
DEEPEST: Final = 12

HIDDEN: Final = frozenset({"__table", "__state"})

# What the platform adds to each row: when it was read from the source, when it was last written, when it was first written.
META: Final = ("__senttime", "__updatetime", "__createtime")

# Names of what a row brings along on its way into the warehouse.
LOT: Final = "__panoply_lot"
KEY: Final = "__panoply_key"

_PLAIN: Final = LEAVES | {Decimal}
_NESTED: Final = (dict, list, tuple)


@dataclass(frozen=True, slots=True)
class Columns:
    """How the keys of a record map to columns.

    Attributes:
        names: the column for each key; None for what is no column by itself: the row's `id`, and what is hidden.
        id_key: the key whose column is `id`, if there is one.
        id_place: at which of the keys it is.
        as_they_are: whether no key is spelled differently as a column.
    """

    names: tuple[str | None, ...]
    id_key: str | None
    id_place: int | None
    as_they_are: bool

    @classmethod
    def of(cls, keys: tuple[str, ...], links: Collection[str] = ()) -> Columns:
        """The columns for these keys, beside those that lead to other tables."""
        id_key = "id" if "id" in keys else next((key for key in keys if spelled(key) == "id"), None)
        columns = named(
            (key for key in keys if key != id_key and key not in HIDDEN), {"id", LOT, KEY, *META, *links, *HIDDEN}
        )
        names = tuple(columns.get(key) for key in keys)
        as_they_are = all(key == column for key, column in columns.items())
        return cls(names, id_key, None if id_key is None else keys.index(id_key), as_they_are)


def split(record: Mapping[str, Any], columns: Columns, depth: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """The scalars of a record, and what in it is nested, each by column."""
    flat: dict[str, Any] = {}
    nested: dict[str, Any] = {}
    for (key, value), name in zip(record.items(), columns.names, strict=True):
        if isinstance(value, _NESTED):
            if name is None and key == columns.id_key:
                nested["id"] = value  # which cannot be a key, and is not to be lost
            elif name is not None and depth < DEEPEST:
                nested[name] = value
            elif name is not None:
                flat[name] = json.dumps(value, ensure_ascii=False, default=leaf)
        elif name is not None:
            flat[name] = leaf(value)
    return flat, nested


def leaf(value: Any) -> Any:
    """A scalar as the JSON of a row has it."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value if -(2**63) <= value < 2**63 else str(value)
    if isinstance(value, Decimal):
        return exact(value)
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else value


def is_plain(value: Any) -> bool:
    """Whether all in a value is of a type that is known here."""
    kind = type(value)
    if kind is dict:
        return all(type(key) is str and is_plain(each) for key, each in value.items())
    if kind is list or kind is tuple:
        return all(map(is_plain, value))
    return kind in _PLAIN
