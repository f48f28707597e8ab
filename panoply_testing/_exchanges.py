"""Counts what passes through the proxy, and says what goes wrong at which operation. Pure: numbers and words only."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from panoply_testing.faults import PROXY_FAULTS_AT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from panoply_testing.faults import Fault, FaultKind, OperationKind

__all__ = ["Exchanges"]

# What a failure that lasts looks like at operations of another kind than the one it began with.
_LATER: Final[Mapping[tuple[str, str], FaultKind]] = MappingProxyType(
    {("reset", "connect"): "refused", ("refused", "send"): "reset", ("refused", "receive"): "reset"}
)


class Exchanges:
    """Numbers the operations in the order in which they begin, and says what goes wrong at which. Pure.

    Attributes:
        begun: number, kind and address of those since the last `take()`.
        hits: fault, number, kind and address of the operations that met the fault.
    """

    def __init__(self, fault: Fault | None) -> None:
        self._fault = fault
        self._number = 0
        self.begun: list[tuple[int, OperationKind, str]] = []
        self.hits: list[tuple[FaultKind, int, OperationKind, str]] = []

    def begin(self, kind: OperationKind, address: str) -> FaultKind | None:
        """Take note of an operation that begins, and give what is to go wrong there."""
        self._number += 1
        self.begun.append((self._number, kind, address))
        what = self._what(kind)
        if what is not None:
            self.hits.append((what, self._number, kind, address))
        return what

    def relieve(self) -> None:
        """End a fault that lasts until `read()` has raised."""
        if self._fault is not None and self._fault.spell == "until-raised" and self.hits:
            self._fault = None

    def take(self) -> list[tuple[int, OperationKind, str]]:
        """The operations since the last time."""
        begun, self.begun = self.begun, []
        return begun

    def _what(self, kind: OperationKind) -> FaultKind | None:
        fault = self._fault
        if fault is None or self._number < fault.at:
            return None
        if self._number > fault.at and fault.spell == "once":
            return None
        if fault.kind == "silent" or fault.kind in PROXY_FAULTS_AT[kind]:
            return fault.kind
        # What cannot go wrong at the operation that was asked for goes wrong nowhere.
        return _LATER.get((fault.kind, kind)) if self.hits else None
