"""What every target of a run has in common: how records are given to it, and what it says of them in the end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, Self

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Mapping
    from types import TracebackType

__all__ = ["Sink", "TableSummary"]


@dataclass(frozen=True, slots=True, kw_only=True)
class TableSummary:
    """What a target has taken for one table.

    Attributes:
        table: its name, as it is spelled there.
        records: how many records, or rows of a sub-table, were written.
        new: how many of them made a new row; None where the target cannot know.
        updated: how many of them changed a row that was there; None where the target cannot know.
        columns: how many columns the table has by now; None where the target has none.
        keyless: how many of them had no key, and make a new row each time that they come.
        bytes: the size of the records as the SDK sends them. The rows of a sub-table came inside of them and add nothing.
    """

    table: str
    records: int
    new: int | None = None
    updated: int | None = None
    columns: int | None = None
    keyless: int = 0
    bytes: int = 0


class Sink(Protocol):
    """Takes records, a row at a time. Whoever opens one closes it; each is a context manager.

    Attributes:
        written: how many records `write` took, for each table, in the order in which the tables came up.
        resumable: whether what `flush` has delivered is there for good, before `close` and also if the process is killed.
        position: after `flush`: what `open_sink(..., resume=position)` needs to go on exactly there, a JSON value. None
            where it needs nothing, as the target tells by itself what it has.
    """

    written: Counter[str]

    @property
    def resumable(self) -> bool: ...

    @property
    def position(self) -> Any: ...

    def write(self, table: str, record: Mapping[str, Any]) -> None:
        """Take one record.

        Raises:
            RecordError: it cannot be sent. Nothing of it is written.
            DeliveryError: the target does not take it, or did not take others before.
        """
        ...

    def flush(self) -> None:
        """Come back when all that was written is delivered: on disk, committed, in the queue.

        Raises:
            DeliveryError: it is not.
        """
        ...

    def close(self, *, complete: bool = True) -> None:
        """Flush, and release what the sink holds. May be called again.

        Args:
            complete: whether the source was read to its end.
        """
        ...

    def summaries(self) -> tuple[TableSummary, ...]:
        """After `close`: what became of the records, table by table."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None: ...
