"""What a source does on the network through a native driver, as the proxy between it and the far end tells it.

Lives in the observed process and has the face of `_network.Network`, which sees what is done through Python's sockets.
"""

from __future__ import annotations

import _socket
import json
import os
from typing import TYPE_CHECKING, Any

from panoply_testing.faults import Hit, Operation

if TYPE_CHECKING:
    from panoply_testing._proxy import ProxyEnd

__all__ = ["Proxied", "addresses_of"]


class Proxied:
    """One run of a source behind a proxy.

    Args:
        proxy: where to ask it.
    """

    def __init__(self, proxy: ProxyEnd) -> None:
        self._control = proxy.control
        self._buffer = bytearray()
        self._asking = False
        self._hits: tuple[Hit, ...] = ()
        self._hit_count = 0
        self._at_work = False

    def start(self) -> None:
        """Begin to watch: the proxy has done so already."""

    def drain(self, *, last: bool = False) -> tuple[Operation, ...]:  # noqa: ARG002 - none is held back
        """The operations since the last time, in the order in which they began."""
        return tuple(_operation(*begun) for begun in self._ask("drain"))

    def hits(self) -> tuple[Hit, ...]:
        """The operations that met the fault, the first few."""
        self._ask("look")
        return self._hits

    @property
    def hit_count(self) -> int:
        """How many operations have met the fault."""
        self._ask("look")
        return self._hit_count

    def relieve(self) -> None:
        """End a fault that lasts until `read()` has raised."""
        self._ask("relieve")

    def at_work(self) -> bool:
        """Whether an answer is on its way. From a far end that is silent by injection, none is."""
        self._ask("look")
        return self._at_work

    def unseen(self) -> tuple[str, ...]:
        """Addresses of connections that went another way: those that are left out cannot be told from the ones led here."""
        return ()

    @property
    def stuck(self) -> str:
        """Why the run will never end: only a time limit can tell, of a wait that is the driver's own."""
        return ""

    def _ask(self, question: str) -> list[Any]:
        """Ask the proxy, which answers at once, whatever the source is doing."""
        if self._asking:
            return []  # a signal's handler, in the midst of another question
        self._asking = True
        try:
            # Not by a socket object: Python's are watched here.
            os.write(self._control, question.encode() + b"\n")
            while b"\n" not in self._buffer:
                data = os.read(self._control, 1 << 16)
                if not data:
                    raise RuntimeError("the proxy between the source and its far end is gone")
                self._buffer += data
            answer, _, rest = bytes(self._buffer).partition(b"\n")
            self._buffer = bytearray(rest)
        finally:
            self._asking = False
        told = json.loads(answer)
        if "failed" in told:
            raise RuntimeError(f"the proxy between the source and its far end failed:\n{told['failed']}")
        self._hits = tuple(Hit(kind=kind, operation=_operation(*begun)) for kind, *begun in told["hits"])
        self._hit_count, self._at_work = told["hit_count"], told["at_work"]
        begun: list[Any] = told["begun"]
        return begun


def addresses_of(name: str) -> tuple[str, ...]:
    """The addresses of a name, looked up where nobody watches: it is not the source that asks."""
    try:
        found = _socket.getaddrinfo(name, None, type=_socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return ()
    return tuple(str(address[0]) for *_, address in found)


def _operation(number: int, kind: Any, address: str) -> Operation:
    # The line of the source is on the driver's stack, and the time limit in the driver: whether there is one can only be
    # tried, as for whatever does not wait within the call.
    return Operation(number=number, kind=kind, host=address, blocking=False)
