"""Numbers the operations on the network, says which of them the fault is put at, and keeps what was found out about each.

Knows no socket. What it hands out while a source runs may still change (an answer is only known after its request), so
an operation is told once it has settled.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from panoply_testing.faults import FAULTS_AT, HTTP_FAULTS, Hit, Operation

if TYPE_CHECKING:
    from panoply_testing.faults import Fault, FaultKind, OperationKind

__all__ = ["HITS_KEPT", "Entry", "Ledger"]

# What a report can use of the operations that an outage has hit; a source may knock a million times.
HITS_KEPT: Final = 20

# What becomes of an operation in an outage of another kind: nothing gets through, each in its own way.
_OUTAGE: Final[dict[OperationKind, FaultKind]] = {
    "lookup": "unknown-host",
    "connect": "refused",
    "handshake": "reset",
    "send": "reset",
    "receive": "reset",
}


@dataclass(slots=True, eq=False)
class Entry:
    """An operation about which not everything need be known yet."""

    number: int
    kind: OperationKind
    host: str
    where: str = ""
    limit: float | None = None
    blocking: bool = True
    request: str = ""
    answers_json: bool = False
    ends_by_closing: bool = False
    settled: bool = True

    def operation(self) -> Operation:
        """What is known of it now."""
        return Operation(
            number=self.number,
            kind=self.kind,
            host=self.host,
            where=self.where,
            limit=self.limit,
            blocking=self.blocking,
            request=self.request,
            answers_json=self.answers_json,
            ends_by_closing=self.ends_by_closing,
        )


class Ledger:
    """All operations of a run, in the order in which they began.

    Args:
        fault: what goes wrong; None: nothing.
    """

    def __init__(self, fault: Fault | None) -> None:
        self._fault = fault
        self._over = False
        self._number = 0
        self._entries: list[Entry] = []
        self._hits: list[tuple[FaultKind, Entry]] = []
        self.hit_count = 0
        # Taken again by the thread that holds it, where a signal's handler asks for the operations so far.
        self._lock = threading.RLock()

    def begin(self, entry: Entry, *, immune: bool = False) -> FaultKind | None:
        """Give an operation its number.

        Args:
            entry: the operation.
            immune: nothing more can happen to it, as its connection is dead.

        Returns:
            What is to go wrong with it.
        """
        with self._lock:
            self._number += 1
            entry.number = self._number
            self._entries.append(entry)
            return None if immune else self._verdict(entry)

    def hit(self, entry: Entry, kind: FaultKind) -> None:
        """The fault has really been injected there."""
        with self._lock:
            self.hit_count += 1
            if len(self._hits) < HITS_KEPT:
                self._hits.append((kind, entry))

    def hits(self) -> tuple[Hit, ...]:
        """The first operations that were hit."""
        with self._lock:
            return tuple(Hit(kind=kind, operation=entry.operation()) for kind, entry in self._hits)

    def relieve(self) -> None:
        """End an outage that lasts until a `read()` has raised, if it has begun."""
        with self._lock:
            if self._fault is not None and self._fault.spell == "until-raised" and self._number >= self._fault.at:
                self._over = True

    def drain(self, *, last: bool = False) -> tuple[Operation, ...]:
        """The operations that have settled since the last time; if it is the last time, all that there are."""
        with self._lock:
            done = tuple(entry.operation() for entry in self._entries if last or entry.settled)
            self._entries = [] if last else [entry for entry in self._entries if not entry.settled]
            return done

    def _verdict(self, entry: Entry) -> FaultKind | None:
        fault = self._fault
        if fault is None or self._over or entry.number < fault.at:
            return None
        if fault.spell == "once":
            return fault.kind if entry.number == fault.at and _fits(fault.kind, entry) else None
        if _fits(fault.kind, entry):
            return fault.kind
        return None if fault.kind in HTTP_FAULTS else _OUTAGE[entry.kind]


def _fits(kind: FaultKind, entry: Entry) -> bool:
    if kind in HTTP_FAULTS:
        return bool(entry.request)
    return kind == "silent" or kind in FAULTS_AT[entry.kind]
