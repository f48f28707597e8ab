"""The faults that messages meet with on demand: what each is, and whose turn it is. What they do is the server's part."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from panoply_testing._sqs_wire import Protocol, Refusal

__all__ = ["Fault", "Met", "Plan"]

Kind = Literal["refuse", "throttle", "fail", "hang", "reset", "lose_reply", "captive_portal"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What becomes of a message.

    Attributes:
        kind: as the method of the fake is called that plans it.
        refusal: what the sender is told, by those that tell something.
        protocol: the one whose requests it meets. None: both.
    """

    kind: Kind
    refusal: Refusal | None = None
    protocol: Protocol | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Met:
    """A fault whose turn has come, and what tells that it was healed meanwhile."""

    fault: Fault
    healed: threading.Event


class Plan:
    """The faults that the next messages of one queue meet with, in the order in which they were planned."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._planned: list[tuple[Fault, int | None]] = []
        self._healed = threading.Event()

    def add(self, fault: Fault, times: int | None) -> None:
        """Plan a fault for so many messages; None: for all that are still to come.

        Raises:
            TypeError: times is no whole number.
            ValueError: it is below 0.
        """
        if times is not None:
            if isinstance(times, bool) or not isinstance(times, int):
                raise TypeError(f"times is a whole number, or None for always, not {type(times).__name__}")
            if times < 0:
                raise ValueError(f"times is at least 0, or None for always, not {times}")
        with self._lock:
            self._planned.append((fault, times))

    def meet(self, protocol: Protocol) -> Met | None:
        """Take the next fault for a request in this protocol."""
        with self._lock:
            for position, (fault, left) in enumerate(self._planned):
                if left == 0 or fault.protocol not in {None, protocol}:
                    continue
                self._planned[position] = (fault, None if left is None else left - 1)
                self._planned = [each for each in self._planned if each[1] != 0]
                return Met(fault=fault, healed=self._healed)
        return None

    def heal(self) -> None:
        """Plan nothing any more, and let go of what hangs."""
        with self._lock:
            self._planned.clear()
            self._healed.set()
            self._healed = threading.Event()
