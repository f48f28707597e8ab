"""A database file as a target of a run: an embedded warehouse that holds what Panoply's would.

What it does with a record is told by the modules whose names begin with `_warehouse`. Here is when: rows are gathered up to
some megabytes and then loaded together; `flush` commits. A process that is killed has lost what came after the last flush, and
nothing else.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final, Self

from panoply._sink import TableSummary
from panoply._warehouse_buffer import Gathered, stamp
from panoply._warehouse_keys import KeyRule
from panoply._warehouse_load import Warehouse
from panoply._warehouse_names import spelled
from panoply._warehouse_types import utc_text
from panoply.encoding import Encoder
from panoply.errors import Closed, DeliveryError, PanoplyException

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from types import TracebackType

    from panoply._warehouse_lots import Path
    from panoply._warehouse_store import Store

__all__ = ["WarehouseSink"]

# Bytes of rows that are gathered. Loading takes some 20 ms however little there is, and a process that collects has room for
# this.
_GATHERED: Final = 16 * 1024 * 1024

# Seconds for which rows are said to have been read at the same time: reading the clock is cheap, writing it is not.
_TICK: Final = 0.01


class WarehouseSink:
    """Puts records into the tables of a database file.

    Args:
        store: the database; the sink closes it.
        params: the source's params. A source may set its `idpattern` there when it is constructed.
        limit: bytes of rows that are gathered before they are loaded.
        clock: tells the time, in seconds since 1970.

    Raises:
        ParamsError: the file holds tables that are not the warehouse's.
    """

    resumable: Final = True
    position: Final = None

    def __init__(
        self,
        store: Store,
        params: Mapping[str, Any] | None = None,
        *,
        limit: int = _GATHERED,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.written: Counter[str] = Counter()
        self._store = store
        self._params = {} if params is None else params
        self._limit = limit
        self._clock = clock
        self._encoder = Encoder()
        try:
            self._warehouse = Warehouse(store)
        except BaseException:
            store.close()
            raise
        self._gathered: dict[Path, Gathered] = {}
        self._by_spelling: dict[str, Gathered] = {}
        self._size = 0
        # By the path of a table: rows, of them new ones, and bytes.
        self._records: Counter[Path] = Counter()
        self._new: Counter[Path] = Counter()
        self._bytes: Counter[Path] = Counter()
        self._summaries: tuple[TableSummary, ...] = ()
        self._stamp = b""
        self._until = 0.0
        self._failed: str | None = None
        self._closed = False

    def write(self, table: str, record: Mapping[str, Any]) -> None:
        """Take the record; now and then, load what there is."""
        if self._closed:
            raise Closed(f"write({table!r}, ...) after close().")
        if self._failed is not None:
            raise DeliveryError(f"Records were not delivered: {self._failed}")
        gathered = self._by_spelling.get(table)
        if gathered is None:
            gathered = self._gather(table)
        now = self._clock()
        if not self._until - _TICK <= now < self._until:
            self._until = now + _TICK
            self._stamp = stamp(utc_text(_moment(now)))
        before = gathered.size
        self._bytes[gathered.main.path] += gathered.add(table, record, self._stamp)
        self.written[table] += 1
        self._size += gathered.size - before
        if self._size >= self._limit:
            self._uninterrupted(self._load)

    def flush(self) -> None:
        """Load what there is, and commit."""
        if self._closed:
            return
        if self._failed is not None:
            raise DeliveryError(f"Records were not delivered: {self._failed}")
        self._uninterrupted(self._commit)

    def close(self, *, complete: bool = True) -> None:  # noqa: ARG002 - what was read is as good either way
        """Load and commit the rest, and close the file. What was raised before is not raised again."""
        if self._closed:
            return
        try:
            if self._failed is None:
                self.flush()
        finally:
            self._closed = True
            self._store.close()

    def summaries(self) -> tuple[TableSummary, ...]:
        """What became of the records that are committed, for each table, followed by its sub-tables.

        Of a sub-table's rows it is not known which are new: they replace each other.
        """
        return self._summaries

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close(complete=exc_type is None)

    def _gather(self, table: str) -> Gathered:
        """Where to gather the rows for a table. Names that the warehouse spells alike are one table."""
        self._encoder.opening(table)  # which raises if there cannot be such a table
        path = (spelled(table),)
        gathered = self._gathered.get(path)
        if gathered is None:
            rule = KeyRule(self._params.get("idpattern"))
            rows = self._warehouse.rows
            gathered = self._gathered[path] = Gathered(rows(path), rule, self._encoder, rows)
        self._by_spelling[table] = gathered
        return gathered

    def _load(self) -> None:
        now = _moment(self._clock())
        for path, gathered in self._gathered.items():
            if not gathered.records:
                continue  # all that came for it was refused
            loaded = self._warehouse.load(gathered, now)
            self._records[path] += gathered.records
            self._new[path] += loaded.new
            self._records.update(loaded.inner)
        self._gathered.clear()
        self._by_spelling.clear()
        self._size = 0

    def _commit(self) -> None:
        self._load()
        self._warehouse.commit()
        main = [path for path in self._records if len(path) == 1]
        self._summaries = tuple(
            self._summary(path) for first in main for path in sorted(self._records) if path[:1] == first
        )

    def _summary(self, path: Path) -> TableSummary:
        records, is_main = self._records[path], len(path) == 1
        return TableSummary(
            table=self._warehouse.name(path),
            records=records,
            new=self._new[path] if is_main else None,
            updated=records - self._new[path] if is_main else None,
            columns=self._warehouse.columns(path),
            bytes=self._bytes[path],
        )

    def _uninterrupted(self, work: Callable[[], None]) -> None:
        """Do it to its end also if Ctrl-C comes meanwhile, which is raised then: half a transaction helps nobody.

        A database's own thread of work is not to be interrupted either, so that the work has a thread of its own.
        """
        ended = threading.Event()
        taken = threading.Lock()
        errors: list[BaseException] = []

        def working() -> None:
            if not taken.acquire(blocking=False):
                return
            try:
                work()
            except BaseException as exc:  # noqa: BLE001 - raised below
                errors.append(exc)
                self._failed = str(exc) if isinstance(exc, PanoplyException) else type(exc).__name__
            finally:
                ended.set()

        interrupt: KeyboardInterrupt | None = None
        started = False
        while not ended.is_set():
            try:
                if not started:
                    # Interrupted in here, it is not known whether there is a thread; of two, the second does nothing.
                    threading.Thread(target=working, name="panoply-warehouse", daemon=True).start()
                    started = True
                ended.wait()
            except KeyboardInterrupt as exc:
                interrupt = exc
        if errors:
            raise errors[0]
        if interrupt is not None:
            raise interrupt


def _moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None)
