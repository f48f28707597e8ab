"""posthog: each record is the properties of a captured event, in PostHog's own wire format."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from posthog import Posthog

from benchmarks.rivals import MESSAGE_LIMIT

if TYPE_CHECKING:
    from benchmarks.far_end import FarEnd

__all__ = ["PosthogEvents", "connect"]


class PosthogEvents:
    """A client whose queue does not drop, and whose batches are as large as Panoply's messages."""

    def __init__(self, url: str, record_size: int) -> None:
        self._client = Posthog(
            "benchmark",
            host=url,
            max_queue_size=0,  # unbounded: full, it would drop events
            flush_at=max(1, MESSAGE_LIMIT // record_size),
            gzip=False,
            disable_geoip=True,
        )

    def write(self, table: str, record: dict[str, Any]) -> None:
        """Put an event on the client's queue."""
        self._client.capture(table, distinct_id="somebody", properties=record)

    def settle(self) -> None:
        """Wait until the queue is empty."""
        self._client.flush(timeout_seconds=None)

    def close(self) -> None:
        """Wait until the queue is empty, and end the thread."""
        self._client.shutdown()


def connect(far_end: FarEnd, url: str, *, record_size: int) -> PosthogEvents:
    """Connect it."""
    del far_end
    return PosthogEvents(url, record_size)
