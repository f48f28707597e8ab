"""Sees what a source does on the network in this process, whatever library it does it with, and breaks one thing of it.

Made for a process that exists for one run only: it patches the socket classes, and never takes that back. What goes
through C code of a library's own is not seen; `unseen` tells where that leads to.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NoReturn

from panoply_testing._network_names import Lookups
from panoply_testing._network_sockets import put_below_sockets
from panoply_testing._network_tls import Tls
from panoply_testing._network_unseen import Ended, Unseen, leads_away
from panoply_testing._network_wire import Wire

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from panoply_testing._elsewhere import Elsewhere
    from panoply_testing.faults import Fault, Hit, Operation

__all__ = ["Network"]


class Network:
    """The network, as this process has it.

    Args:
        fault: what goes wrong, and where; None: nothing.
        own_line: gives the source's own line at or above a frame; "" if there is none. Called once per operation.
        stuck_for_ever: called with a sentence when a silent far end would keep a call for ever. Must not return.
        advance: called with the seconds that a call would have waited, had it really waited.
        elsewhere: another host that the source is sent to; None: it is not.
    """

    def __init__(
        self,
        *,
        fault: Fault | None,
        own_line: Callable[[FrameType | None], str],
        stuck_for_ever: Callable[[str], NoReturn],
        advance: Callable[[float], None] = lambda _: None,
        elsewhere: Elsewhere | None = None,
    ) -> None:
        self._wire = Wire(
            fault=fault, own_line=own_line, advance=advance, stuck_for_ever=stuck_for_ever, elsewhere=elsewhere
        )
        self._unseen: Unseen | None = None
        self._ended: Ended | None = None

    def start(self) -> None:
        """Begin to see, and to break, for the rest of this process."""
        wire = self._wire
        lookups, tls = Lookups(wire), Tls(wire)
        put_below_sockets(wire, lookups, tls)
        tls.put_above()
        lookups.put_below()
        # A process that the source forks goes on with these patches, and counts for nothing.
        os.register_at_fork(after_in_child=wire.be_quiet)
        self._unseen = Unseen(lambda: tuple(wire.connections.by_descriptor), wire.names.host)

    def drain(self, *, last: bool = False) -> tuple[Operation, ...]:
        """The operations since the last time, in their order.

        One whose answer is still to come is told later, unless this is the last time.
        """
        return self._wire.ledger.drain(last=last)

    def hits(self) -> tuple[Hit, ...]:
        """The operations that the fault was really injected at, the first 20 of them."""
        return self._wire.ledger.hits()

    @property
    def hit_count(self) -> int:
        """How many there were."""
        return self._wire.ledger.hit_count

    @property
    def stuck(self) -> str:
        """Which operation would have waited for ever; empty if none."""
        return self._wire.stuck

    def relieve(self) -> None:
        """A `read()` has raised: an outage that lasts until then, and has begun, is over."""
        self._wire.ledger.relieve()

    def at_work(self) -> bool:
        """Whether a thread waits for the network, or an answer is on its way.

        Time must not be made to pass then. Who waits for a connection that is silent by injection is not at work.
        """
        return self._wire.at_work()

    def unseen(self) -> tuple[str, ...]:
        """The far ends of TCP connections which this process, or one that it started, has made past Python's sockets.

        Of this moment only: a connection that was made and closed since the last look is not found.
        """
        return self._unseen.look() if self._unseen is not None else ()

    def ended(self) -> tuple[str, ...]:
        """The far ends of TCP connections that anybody on this machine has closed since the last look; at the first one, none."""
        if self._ended is None:
            self._ended = Ended(self._wire.names.host)
            return ()
        return self._ended.look()

    def is_unseen(self, descriptor: int) -> bool:
        """Whether a descriptor is such a connection, of which `at_work` knows nothing."""
        return descriptor not in self._wire.connections.by_descriptor and leads_away(descriptor)
