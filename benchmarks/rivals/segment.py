"""segment-analytics-python: each record is the properties of a `track` event, in Segment's own wire format."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from segment.analytics.client import Client

from benchmarks.rivals import MESSAGE_LIMIT

if TYPE_CHECKING:
    from benchmarks.far_end import FarEnd

__all__ = ["Segment", "connect"]


class Segment:
    """A client whose queue does not drop, and whose batches are as large as Panoply's messages."""

    def __init__(self, url: str, record_size: int) -> None:
        self._client = Client(
            "benchmark",
            host=url,
            max_queue_size=0,  # unbounded: full, it would drop events
            upload_size=max(1, MESSAGE_LIMIT // record_size),
            upload_interval=0.1,  # how long a flush waits for more
            gzip=False,
        )

    def write(self, table: str, record: dict[str, Any]) -> None:
        """Put an event on the client's queue."""
        self._client.track("somebody", table, record)

    def settle(self) -> None:
        """Wait until the queue is empty."""
        self._client.flush()

    def close(self) -> None:
        """Wait until the queue is empty, and end the thread."""
        self._client.shutdown()


def connect(far_end: FarEnd, url: str, *, record_size: int) -> Segment:
    """Connect it."""
    del far_end
    return Segment(url, record_size)
