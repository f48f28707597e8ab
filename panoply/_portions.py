"""What one call of `read()` brought, on its way from the source to the sink.

A portion is small enough to be held in memory, and is passed on before the next one is asked for: a source that never ends
takes no more than one that does.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from panoply.errors import PanoplyException
from panoply.records import is_record_group, rows
from panoply.sinks import table_of

__all__ = ["Portion", "Row", "checked", "routed"]

# Which item of the batch it is from, the table that it goes into, the row.
Row = tuple[int, str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Portion:
    """Rows, and how far the source has come once they are delivered.

    Attributes:
        rows: may be made while they are gone through, once.
        state: the states reported along with them, merged; None: there were none.
        last: whether these are the last rows of their batch.
        read: which call of `read()` gave them, counted from 1; 0 is the last one, which gave None.
    """

    rows: Iterable[Row]
    read: int
    state: Mapping[str, Any] | None = field(default=None)
    last: bool = True


def checked(batch: object) -> Sequence[dict[str, Any]]:
    """The batch, if it is one.

    Raises:
        PanoplyException: it is no list of dicts.
    """
    if not isinstance(batch, list):
        hint = ""
        if hasattr(batch, "__next__") or hasattr(batch, "__anext__"):
            hint = " A read() that says `yield` gives no batch when it is called: collect the records in a list and return that."
        elif isinstance(batch, dict):
            hint = " Wrap it in a list: one record is a batch of one."
        raise PanoplyException(
            f"read() gave {_a(batch)}; expected a list of dicts, or None when there is nothing left.{hint}",
            retryable=False,
        )
    for index, item in enumerate(batch):
        if not isinstance(item, dict):
            raise PanoplyException(f"Item {index} of the batch is {_a(item)}; expected a dict.", retryable=False)
    return batch


def routed(batch: Sequence[dict[str, Any]], params: Mapping[str, Any], default: str) -> Iterator[Row]:
    """The rows of a batch, each with its table: see `table_of`.

    Raises:
        PanoplyException: while they are gone through: a row does not say what its table is.
    """
    # The source may set its destination on the way, so each batch looks anew; most name one table for all of their rows.
    destination = params.get("destination")
    named = destination.strip() if isinstance(destination, str) and "{" not in destination else ""
    otherwise = "" if destination else table_of({}, params, default)
    for index, item in enumerate(batch):
        if "data" in item and is_record_group(item):
            for resource, row in rows(item):
                yield index, table_of(row, params, default, resource), row
        elif named:
            yield index, named, item
        elif otherwise and "__table" not in item:
            yield index, otherwise, item
        else:
            yield index, table_of(item, params, default), item


def _a(value: object) -> str:
    name = "None" if value is None else type(value).__name__
    return name if value is None else f"an {name}" if name[0] in "aeiouAEIOU" else f"a {name}"
