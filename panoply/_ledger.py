"""Keeps the books of a run: which rows went into the sink, which of them have arrived, and which state that makes safe.

Portions of one source, or of the parts of a split run, come in one after the other. A state is kept only after the rows that
it speaks of were delivered.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from panoply._interrupts import uninterrupted
from panoply._saved_state import PartState, SavedState
from panoply.errors import PanoplyException

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from panoply._observer import Observer
    from panoply._portions import Portion, Row
    from panoply._saved_state import StateStore
    from panoply.sinks import Sink

__all__ = ["WHOLE", "Ledger"]

# The only part of a run that is not split.
WHOLE: Final = ""

# Seconds between two moments in which the sink is waited for, so that a state can be kept. A run that is killed reads again
# what came since the last one; a queue has to be sent messages that are not full for each.
_INTERVAL: Final = 5.0

# Rows that a database takes in one transaction, which it holds in memory, while the source reports no state that would make
# them safe. After that they are committed all the same: if the run is killed then, the next one writes them again.
_UNSAFE: Final = 500_000


@dataclass(slots=True, kw_only=True)
class _Part:
    """What is known of one part.

    Attributes:
        written: the state once all that was written is delivered.
        delivered: the state that was delivered.
        covered: whether `written` speaks of all rows that were written.
    """

    written: dict[str, Any] = field(default_factory=dict)
    delivered: dict[str, Any] = field(default_factory=dict)
    covered: bool = True
    done: bool = False
    tables: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True, kw_only=True)
class Ledger:
    """The books of one run.

    Attributes:
        sink: where rows go.
        observer: is told what was delivered.
        source: the module's name, `target` where the records go, `split` by which param the run is split: for the state.
        store: where the state is kept; None: nowhere.
        limit: how many rows are taken in all; None: all of them.
        clock: tells the time.
    """

    sink: Sink
    observer: Observer
    source: str
    target: str
    split: str | None = None
    store: StateStore | None
    limit: int | None
    clock: Callable[[], float]
    records: int = 0
    reads: int = 0
    delivered: int = 0
    parts: dict[str, _Part] = field(default_factory=dict)
    _kept_at: float = 0.0
    _flushed_at: float = 0.0
    # Parts of an earlier run that this one leaves out.
    _others: dict[str, PartState] = field(default_factory=dict)

    def begin(self, saved: SavedState | None, states: Mapping[str, Mapping[str, Any]]) -> None:
        """Open the books.

        Args:
            saved: what an earlier run has left.
            states: what the source of each part is given as its state.
        """
        known = {} if saved is None else saved.parts
        for key, state in states.items():
            done = key in known and known[key].done
            self.parts[key] = _Part(written=dict(state), delivered=dict(state), done=done)
        self._others = {key: PartState(state=part.state) for key, part in known.items() if key not in states}
        self._kept_at = self._flushed_at = self.clock()

    @property
    def full(self) -> bool:
        """Whether as many rows were taken as were wanted."""
        return self.limit is not None and self.records >= self.limit

    def take(self, portion: Portion, key: str = WHOLE, *, naming: Callable[[str], object] = str) -> bool:
        """Write the rows of a portion; say whether there may be more.

        Args:
            portion: of which part `key` says.
            key: the part's value.
            naming: is told which item is about to fail.
        """
        part = self.parts[key]
        with uninterrupted():
            whole = self._write(portion.rows, part, portion.read, naming)
            if whole and portion.state is not None:
                part.written.update(portion.state)
                part.covered = True
        self.reads += portion.read > 0 and portion.last
        self.observer.batch(self.reads, self.records)
        now = self.clock()
        if (part.covered or self.split is not None) and now - self._kept_at >= _INTERVAL:
            self.checkpoint()
        elif now - self._flushed_at >= _INTERVAL and self._may_flush():
            # Also where no state comes: a sink that is never waited for holds more and more.
            self._flush()
        return not self.full

    def checkpoint(self) -> None:
        """Wait until all that was written is delivered, and keep the state that this makes safe.

        Raises:
            DeliveryError: it is not.
            StateError: the state cannot be kept.
        """
        self._flush()
        if self.sink.resumable:
            self._keep()
        self._kept_at = self.clock()

    def end(self, key: str = WHOLE) -> None:
        """Note that this part was read to its end, and that its rows are in the sink."""
        self.parts[key].done = True
        self.parts[key].covered = True

    def closed(self, *, complete: bool) -> None:
        """Note that the sink is closed: some have to be for their records to arrive.

        Args:
            complete: whether these are then in their place.

        Raises:
            StateError: the state cannot be kept.
        """
        if not self.sink.resumable:
            self._delivered()
            if complete:
                self._keep()

    def tables(self) -> dict[str, int]:
        """How many rows were written, for each table."""
        return dict(sum((part.tables for part in self.parts.values()), Counter()))

    def _write(self, rows: Iterable[Row], part: _Part, read: int, naming: Callable[[str], object]) -> bool:
        """Write the rows; whether it was all of them."""
        left = self.limit - self.records if self.limit is not None else -1
        index, before, write = 0, self.sink.written.copy(), self.sink.write
        try:
            for index, table, row in rows:  # noqa: B007 - `index` is for the failure
                if not left:
                    return False
                left -= 1
                write(table, row)
        except PanoplyException:
            naming(f"item {index} of the batch of read() number {read}")
            raise
        finally:
            fresh = self.sink.written - before
            part.tables.update(fresh)
            part.covered = part.covered and not fresh
            self.records += fresh.total()
        return True

    def _may_flush(self) -> bool:
        """Whether rows that no state speaks of yet had better be delivered.

        A file is written as rows come, and can be cut back. Where they cannot be taken back, a run that is killed had better
        lose them, as long as they are few: they come again.
        """
        if self.store is None:
            return True
        return self.sink.position is None and self.records - self.delivered >= _UNSAFE

    def _flush(self) -> None:
        self.sink.flush()
        self._flushed_at = self.clock()
        if self.sink.resumable:
            self._delivered()

    def _delivered(self) -> None:
        for part in self.parts.values():
            part.delivered = dict(part.written)
        if self.delivered != self.records:
            self.delivered = self.records
            self.observer.delivered(self.records)

    def _keep(self) -> None:
        if self.store is None:
            return
        # Where a state does not speak of all that the target holds, going on may repeat rows. Cutting them off instead would
        # take back what was called delivered.
        exact = all(part.covered for part in self.parts.values())
        position = self.sink.position if exact else None
        if self.split is None:
            saved = SavedState(
                source=self.source, target=self.target, state=self.parts[WHOLE].delivered, position=position
            )
        else:
            # Once all are done, the next run begins with all of them again.
            going_on = not all(part.done for part in self.parts.values())
            parts = self._others | {
                key: PartState(state=part.delivered, done=part.done and going_on) for key, part in self.parts.items()
            }
            saved = SavedState(source=self.source, target=self.target, split=self.split, parts=parts, position=position)
        with uninterrupted():
            self.store.save(saved)
        self.observer.state({key: part.state for key, part in saved.parts.items()} if self.split else saved.state)
