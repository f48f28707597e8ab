"""Panoply's queue as a target of a run. How records get there is the SDK's business."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any, Final, Self

import orjson

from panoply._sink import TableSummary
from panoply.errors import DeliveryError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType

    from panoply.delivery import DeliveryEvent
    from panoply.sdk import SDK

__all__ = ["SQSSink"]

# Seconds that flushing waits for the queue at the end of a run. The SDK sends all the while, so that only the last
# messages, and what a disturbed connection held up, are still to go.
DELIVERY_TIMEOUT: Final = 120.0

# The same after waiting has failed once.
_IMPATIENT: Final = 2.0

# How each line begins; what is captured is the table's name in JSON.
_OPENING: Final = re.compile(rb'\{"__table":("(?:[^"\\]|\\.)*")')


class SQSSink:
    """Sends records to Panoply's queue. A failed delivery stops the run: the next `write` raises it.

    Args:
        sdk: an open SDK; the sink closes it.
        timeout: seconds that `flush` and `close` wait for the queue.
    """

    resumable: Final = True
    position: Final = None

    def __init__(self, sdk: SDK, *, timeout: float = DELIVERY_TIMEOUT) -> None:
        self.written: Counter[str] = Counter()
        self._bytes: Counter[bytes] = Counter()
        self._sdk = sdk
        self._timeout = timeout
        self._lost: DeliveryEvent | None = None
        sdk.on("error", self._on_error)
        sdk.on("flush", self._on_flush)

    def write(self, table: str, record: Mapping[str, Any]) -> None:
        """Give the record to the SDK, which sends it from a thread of its own."""
        if self._lost is not None:
            raise DeliveryError(f"Records were not delivered: {self._lost.error}")
        self._sdk.write(table, record)
        self.written[table] += 1

    def flush(self) -> None:
        """Wait until the queue has everything."""
        try:
            self._sdk.flush(self._timeout)
        except BaseException:
            # The time is over, or somebody does not want to wait: `close` need not begin all over.
            self._timeout = min(self._timeout, _IMPATIENT)
            raise

    def close(self, *, complete: bool = True) -> None:  # noqa: ARG002 - the queue has it either way
        """Send what is left and close the SDK."""
        self._sdk.close(self._timeout)

    def summaries(self) -> tuple[TableSummary, ...]:
        """How many records were written for each table, and how many bytes of them the queue has."""
        sizes = {orjson.loads(name): size for name, size in self._bytes.items()}
        return tuple(
            TableSummary(table=table, records=count, bytes=sizes.get(table, 0)) for table, count in self.written.items()
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close(complete=exc_type is None)

    def _on_error(self, event: DeliveryEvent) -> None:
        self._lost = self._lost or event

    def _on_flush(self, event: DeliveryEvent) -> None:
        if len(event.tables) == 1:
            (table,) = event.tables
            self._bytes[orjson.dumps(table)] += event.bytes
            return
        for line in event.body.splitlines(keepends=True):
            opening = _OPENING.match(line)
            if opening is not None:
                self._bytes[opening[1]] += len(line)
