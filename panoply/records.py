"""The shapes in which a source hands over what it read: plain rows, record groups, raw messages.

A row is a dict. A record group (SDK 3.x) is `{"data": [row, ...], "metadata": {"resource_id": ..., "timestamp": ...}}`;
`to_record` makes one.
A raw message is `{"type": "raw", "tag": ..., "raw": base64, "metadata": ...}`, as `DataSource.raw` makes it of bytes.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING, Any, Final, TypedDict
from uuid import UUID

from panoply.errors import WrongTypeOrValueError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

__all__ = ["Metadata", "Record", "RecordGroup", "is_raw", "is_record_group", "raw_message", "rows", "to_record"]


class Metadata(TypedDict):
    """Where rows come from, and when they were read: an ISO 8601 time in UTC, to the millisecond."""

    resource_id: str
    timestamp: str


class Record(TypedDict):
    """One row with its metadata."""

    data: dict[str, Any]
    metadata: Metadata


class RecordGroup(TypedDict):
    """Rows of one resource, as `to_record` gives them."""

    data: list[dict[str, Any]]
    metadata: Metadata


def to_record(resource: str, data: list[dict[str, Any]] | dict[str, Any]) -> RecordGroup:
    """Put rows of one resource into a record group, an item of a batch: `return [to_record("orders", rows)]`.

    Args:
        resource: the resource's id.
        data: its rows, or one row. A list is kept as it is, not copied.

    Raises:
        WrongTypeOrValueError: `resource` is no text or empty, or `data` is neither a dict nor a list of dicts.
    """
    if not isinstance(resource, str) or not resource.strip():
        raise WrongTypeOrValueError(
            f"to_record(resource, data): `resource` is {_what(resource)}; expected its id as text."
        )
    if isinstance(data, dict):
        data = [data]
    if not isinstance(data, list):
        raise WrongTypeOrValueError(
            f"to_record({resource!r}, data): `data` is {_what(data)}; expected a list of dicts."
        )
    for index, row in enumerate(data):
        if not isinstance(row, dict):
            raise WrongTypeOrValueError(
                f"to_record({resource!r}, data): data[{index}] is {_what(row)}; expected a dict."
            )
    now = datetime.now(UTC).replace(tzinfo=None)
    return {
        "data": data,
        "metadata": {"resource_id": resource, "timestamp": f"{now.isoformat(timespec='milliseconds')}Z"},
    }


def raw_message(tag: str, raw: bytes | str, metadata: Mapping[str, Any] | None) -> dict[str, Any]:
    """What `DataSource.raw` gives; see there."""
    if not isinstance(raw, bytes | bytearray | memoryview | str):
        raise WrongTypeOrValueError(f"raw(tag, raw, metadata): `raw` is {_what(raw)}; expected bytes, or text.")
    if not isinstance(metadata, Mapping | None):
        raise WrongTypeOrValueError(f"raw(tag, raw, metadata): `metadata` is {_what(metadata)}; expected a dict.")
    try:
        columns = _plain(metadata or {}, "metadata")
    except RecursionError:
        raise WrongTypeOrValueError(
            "raw(tag, raw, metadata): `metadata` holds itself, or is nested too deeply."
        ) from None
    data = raw.encode() if isinstance(raw, str) else raw
    return {"type": "raw", "tag": tag, "raw": base64.b64encode(data).decode("ascii"), "metadata": columns}


def _plain(value: object, place: str) -> Any:
    """A copy of what JSON can say; of dates, times, UUIDs, decimals and enums what stands for them in JSON."""
    value = next((stands_for(value) for kind, stands_for in _STANDS_FOR if isinstance(value, kind)), value)
    if isinstance(value, Mapping):
        wrong = next((key for key in value if not isinstance(key, str)), None)
        if wrong is not None:
            raise WrongTypeOrValueError(f"{place} has {_what(wrong)} among its keys; expected text.")
        return {key: _plain(item, f"{place}[{key!r}]") for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item, f"{place}[{index}]") for index, item in enumerate(value)]
    if value is None or isinstance(value, str | int) or (isinstance(value, float) and math.isfinite(value)):
        return value
    what = "NaN or Infinity" if isinstance(value, float) else _what(value)
    raise WrongTypeOrValueError(
        f"{place} is {what}, which JSON does not have: make it text, a number, a list or a dict, or leave it out."
    )


def _number(value: Decimal) -> int | float | str:
    """The number that JSON has for it, or else its digits as text: a float may be another number."""
    near = float(value)
    if not value.is_finite() or Decimal(repr(near)) == value:
        return int(near) if near.is_integer() and abs(near) < 2**53 else near
    return int(value) if value == value.to_integral_value() else str(value)


_STANDS_FOR: Final[tuple[tuple[Any, Callable[[Any], object]], ...]] = (
    (Enum, lambda value: value.value),
    (Decimal, _number),
    (date | time, lambda value: value.isoformat()),
    (UUID, str),
)


def is_record_group(item: object) -> bool:
    """Whether `item` is a record group rather than a row that happens to have a column called `data`."""
    return (
        isinstance(item, dict)
        and item.keys() == {"data", "metadata"}
        and isinstance(item["data"], list)
        and isinstance(item["metadata"], dict)
        and "resource_id" in item["metadata"]
    )


def is_raw(item: object) -> bool:
    """Whether `item` is a raw message."""
    return isinstance(item, dict) and item.get("type") == "raw" and item.keys() >= {"tag", "raw", "metadata"}


def rows(item: Mapping[str, Any]) -> Iterator[tuple[str | None, Mapping[str, Any]]]:
    """The rows in one item of a batch, each with the id of its resource, where it has one."""
    if is_record_group(item):
        resource = item["metadata"]["resource_id"]
        for row in item["data"]:
            yield resource, row
    else:
        yield None, item


def _what(value: object) -> str:
    """What a value is, without its content: that may be a secret."""
    if value is None:
        return "None"
    name = type(value).__name__
    empty = isinstance(value, str) and not value.strip()
    return "empty" if empty else f"an {name}" if name[0] in "aeiouAEIOU" else f"a {name}"
