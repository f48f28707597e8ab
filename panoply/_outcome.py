"""What became of the records that were not delivered when an SDK ended, and how that is said. Values only."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING

from panoply.delivery import counted, reasons, undelivered

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from panoply.delivery import DeliveryEvent
    from panoply.spool import Spool

__all__ = ["Outcome"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What became of the records that were not delivered.

    Attributes:
        failures: what is handed back.
        forgotten: for each table, how many records more only `error` handlers have had.
        late: whether some of the failures are for want of time.
        left: for each table, how many records stay in the spool.
        segments: how many messages of former processes stay there, too.
        spool: where that is.
    """

    failures: tuple[DeliveryEvent, ...] = ()
    forgotten: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    late: bool = False
    left: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    segments: int = 0
    spool: Spool | None = None

    @property
    def left_behind(self) -> str:
        """What stays in the spool, in words; empty if nothing does."""
        parts = [counted(self.left)] if self.left else []
        if self.segments:
            parts.append(f"{self.segments} message{'' if self.segments == 1 else 's'} of former processes")
        if not parts:
            return ""
        what = " and ".join(parts)
        return f"Not delivered in time: {what}. It stays in {self._where}, and the next SDK that uses it sends it"

    def last_words(self) -> Iterator[str]:
        """What to say when the interpreter exits, and nobody is there to catch an exception: a line each."""
        if self.failures or self.forgotten:
            tables = Counter(self.forgotten)
            for failure in self.failures:
                tables.update(failure.tables)
            why = reasons(self.failures) or "only handlers of 'error' have had them"
            kept = f". It stays in {self._where}" if self.failures and self.spool is not None else ""
            yield f"{undelivered(tables)}: {why}{kept}"
        if self.left_behind:
            yield self.left_behind

    @property
    def _where(self) -> str:
        return "" if self.spool is None else f"the spool {str(self.spool.path)!r}"
