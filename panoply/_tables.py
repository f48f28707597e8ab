"""Which table a row belongs to. Pure: a row and the source's params in, a name out."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any

from panoply.errors import PanoplyException

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["table_of"]

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")

# Columns named in an error message: rows of some sources have hundreds.
_COLUMNS_SHOWN = 20


def table_of(record: Mapping[str, Any], source: Mapping[str, Any], default: str, resource: str | None = None) -> str:
    """The table that a row goes into.

    That is the source's `destination`, each `{column}` in it filled from the row; without a destination the row's own
    `__table`, else the source's `type`, else `default`. Rows of a record group go into a table for each resource,
    `DESTINATION_RESOURCE`, unless the destination itself tells them apart with a `{column}`; `{resource_id}` is their
    resource, where no column has that name.

    Raises:
        PanoplyException: the row lacks the column, or has nothing there that could name a table.
    """
    # `destination` is a user's text. It never goes through `str.format`, whose `{a.b}` and `{a[b]}` reach into objects.
    destination = _text(source.get("destination"))
    if destination is not None and _PLACEHOLDER.search(destination):
        known = record if resource is None or "resource_id" in record else {**record, "resource_id": resource}
        return _PLACEHOLDER.sub(partial(_fill, known, destination), destination)
    if destination is None:
        own = _text(record.get("__table"))
        if own is not None:
            return own
        destination = _text(source.get("type")) or default
    return destination if resource is None else f"{destination}_{resource}"


def _text(value: object) -> str | None:
    return value.strip() or None if isinstance(value, str) else None


def _fill(record: Mapping[str, Any], destination: str, placeholder: re.Match[str]) -> str:
    column = placeholder[1]
    if column not in record:
        shown = [repr(name) for name in list(record)[:_COLUMNS_SHOWN]]
        if len(record) > len(shown):
            shown.append(f"and {len(record) - len(shown)} more")
        raise PanoplyException(
            f"The destination {destination!r} names the column {column!r}, which a row does not have. "
            f"Its columns: {', '.join(shown) or 'none'}.",
            retryable=False,
        )
    value = record[column]
    if value is None or isinstance(value, (dict, list, tuple, set, bytes)) or not str(value).strip():
        kind = "empty" if value is None or value == "" else f"a {type(value).__name__}"
        raise PanoplyException(
            f"The destination {destination!r} names the column {column!r}, which is {kind} in a row: "
            "that cannot be part of a table's name.",
            retryable=False,
        )
    return str(value)
