"""The shapes in which a source hands over what it read: plain rows, record groups, raw messages.

A row is a dict. A record group (SDK 3.x) is `{"data": [row, ...], "metadata": {"resource_id": ..., "timestamp": ...}}`.
A raw message is what `DataSource.raw` makes: `{"type": "raw", "tag": ..., "raw": base64, "metadata": ...}`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

__all__ = ["is_raw", "is_record_group", "rows"]


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
