"""The connections of this process to somewhere else, and which of them a socket object stands for.

Connections count that the process has opened itself, to an internet address or to a path; not what it has accepted as a
server, and not the pairs of sockets by which a process talks to itself.
"""

from __future__ import annotations

import socket
import sys
import weakref
from typing import TYPE_CHECKING, Any, Final, Literal

from panoply_testing._http_bytes import Answer

if TYPE_CHECKING:
    from types import FrameType

    from panoply_testing._network_ledger import Entry

__all__ = ["Connection", "Connections", "Fate", "Names", "is_number"]

# What has become of a connection: broken off, closed by the far end, nothing comes any more and the system says so or
# does not, or a made-up answer comes instead of the far end's.
Fate = Literal["reset", "closed", "timed-out", "silent", "answered"]

Phase = Literal["connecting", "open", "sending", "receiving"]

# So many names are remembered; a source that speaks to more hosts than that sees addresses in the reports.
MOST_NAMES: Final = 10_000

# Of a request that the far end does not get, so much is remembered.
MOST_KEPT: Final = 1 << 20

# Sockets by which a process talks to others of its own program, under names made up anew in each run.
_OF_THE_PROGRAM: Final = frozenset({"multiprocessing.connection", "multiprocessing.managers"})

_INTERNET: Final = (socket.AF_INET, socket.AF_INET6)


class Connection:
    """What is known of one connection.

    All that is sent until something is received is one operation, and so is all that is received until something is
    sent: how TCP happens to cut a stream must not change the numbers.
    """

    __slots__ = (
        "__weakref__",
        "address",
        "answer",
        "cut",
        "datagram",
        "fate",
        "host",
        "kept",
        "last",
        "owner",
        "peer",
        "phase",
        "received",
        "request",
        "rest",
        "secured",
        "sent",
        "since",
        "steady",
        "told",
        "where",
        "wrapped",
    )

    def __init__(self, host: str, *, datagram: bool = False, phase: Phase = "open") -> None:
        self.host = host
        self.datagram = datagram
        self.phase: Phase = phase
        self.address: Any = None  # that it was to be connected to
        self.peer: Any = None  # that it is connected to
        self.owner: weakref.ref[socket.socket] | None = None
        self.where = ""  # the source's last line that did something with it
        self.last: Entry | None = None
        self.sent: Entry | None = None
        self.received: Entry | None = None
        self.request = ""
        self.answer = Answer("")
        self.cut = False  # the answer that is coming is to be broken off half-way
        self.fate: Fate | None = None
        self.told = False  # the source has been told of that fate once
        self.kept: bytearray | None = None  # what is said to whoever is answered for, where that is of interest
        self.rest = b""  # of a made-up answer, what the source has not yet received
        self.secured = False  # a TLS handshake has begun, by the socket itself
        self.wrapped = False  # ... or by an SSLObject: what goes through the socket is not what is said
        self.steady = False  # what comes now is more of an answer, and need only be counted
        self.since = 0.0  # when something last went over it

    def begin_sending(self, entry: Entry) -> None:
        """Something is said to the far end."""
        self.settle()
        self.steady = False
        self.phase = "sending"
        self.sent = entry
        self.request = entry.request
        entry.settled = not entry.request

    def begin_receiving(self, entry: Entry) -> None:
        """The far end says something."""
        self.phase = "receiving"
        self.cut = False
        self.received = entry
        self.answer = Answer(self.request)
        entry.settled = bool(self.answer.framing)

    def keep(self, data: object) -> None:
        """Remember what the far end is not told, if anybody wants to know."""
        if self.kept is not None and len(self.kept) < MOST_KEPT:
            self.kept += memoryview(data)  # type: ignore[arg-type]

    def heard(self, data: bytes | memoryview) -> int:
        """Take in what was received; gives how much of it is the answer's body."""
        answer = self.answer
        known = bool(answer.framing)
        body = answer.feed(data)
        if not known and answer.framing:
            if self.sent is not None:
                self.sent.answers_json = answer.is_json
            if self.received is not None:
                self.received.ends_by_closing = answer.framing == "closing"
            self.settle()
        return body

    def settle(self) -> None:
        """Nothing more will be learned about the operations so far."""
        for entry in (self.sent, self.received):
            if entry is not None:
                entry.settled = True


class Names:
    """Remembers by which name an address was found, so that reports can speak of hosts as the source does."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}

    def learn(self, name: str, address: str) -> None:
        """A look-up gave this."""
        if len(self._names) < MOST_NAMES:
            self._names[address] = name

    def host(self, address: Any) -> str:
        """An address as people write it: "api.acme.com:443", or the path of a local socket."""
        if isinstance(address, tuple) and len(address) >= 2:
            name = self._names.get(address[0], address[0])
            return f"[{name}]:{address[1]}" if ":" in str(name) else f"{name}:{address[1]}"
        return address.decode("utf-8", "replace") if isinstance(address, bytes) else str(address or "")


class Connections:
    """Finds the connection of a socket object."""

    def __init__(self, names: Names) -> None:
        self._names = names
        # By identity: a socket has no place of its own to keep something at. None: it is no connection.
        self._known: dict[int, Connection | None] = {}
        self._alive: dict[int, weakref.ref[socket.socket]] = {}
        # By descriptor: `ssl` makes a new object of a socket, which stands for the same connection.
        self.by_descriptor: dict[int, Connection | None] = {}
        self.quiet = False

    def be_quiet(self) -> None:
        """Know no connection from now on."""
        self.quiet = True
        self._known.clear()

    def find(self, sock: socket.socket) -> Connection | None:
        """The connection of a socket; None if it has none that counts."""
        try:
            return self._known[id(sock)]
        except KeyError:
            return self._classify(sock)

    def connecting(self, sock: socket.socket, address: Any, caller: FrameType) -> Connection | None:
        """The connection that a socket is about to open; None if it is none that counts."""
        if self.quiet or _is_of_the_program(caller):
            return None
        if sock.type & socket.SOCK_DGRAM and sock.family in _INTERNET:
            # Nothing goes over the network when a datagram socket is connected.
            self.forget(sock)
            return None
        if sock.family not in _INTERNET and not (sock.family == socket.AF_UNIX and address):
            return None
        known = self._known.get(id(sock))
        if known is not None and known.phase == "connecting" and known.address == address:
            return known  # asks how far it has got
        made = Connection(self._names.host(address), phase="connecting")
        made.address = address
        self.adopt(sock, made)
        return made

    def adopt(self, sock: socket.socket, connection: Connection | None) -> None:
        """This object stands for that connection from now on."""
        key, descriptor = id(sock), sock.fileno()

        def gone(reference: weakref.ref[socket.socket]) -> None:
            if self._alive.get(key) is not reference:
                return
            del self._alive[key]
            self._known.pop(key, None)
            if connection is not None:
                if connection.owner is not reference:
                    return  # another object stands for it now
                connection.settle()
                connection.owner = None
            if self.by_descriptor.get(descriptor) is connection:
                # It was left unclosed, which closes it; the next to get this descriptor may be anybody.
                self.by_descriptor.pop(descriptor, None)

        reference = weakref.ref(sock, gone)
        self._alive[key] = reference
        self._known[key] = connection
        self.by_descriptor[descriptor] = connection
        if connection is not None:
            connection.owner = reference

    def forget(self, sock: socket.socket) -> Connection | None:
        """The socket is being closed; gives the connection that ends by that."""
        found = self._known.pop(id(sock), None)
        self._alive.pop(id(sock), None)
        self.by_descriptor.pop(sock.fileno(), None)
        if found is not None:
            found.settle()
        return found

    def _classify(self, sock: socket.socket) -> Connection | None:
        if sock.fileno() < 0 or self.quiet:
            return None
        datagram = bool(sock.type & socket.SOCK_DGRAM)
        if sock.family not in {*_INTERNET, socket.AF_UNIX}:
            return None
        try:
            peer = sock.getpeername()
        except OSError:
            if not datagram or sock.family == socket.AF_UNIX:
                return None  # not connected, or not yet
            peer = None
        found: Connection | None = None
        if sock.family in _INTERNET or peer:
            old = self.by_descriptor.get(sock.fileno())
            if old is not None and peer is not None and peer in {old.peer, old.address}:
                found = old
            else:
                found = Connection(self._names.host(peer), datagram=datagram)
                found.peer = peer
        self.adopt(sock, found)
        return found


def is_number(host: object) -> bool:
    """Whether a host is given as an address, so that nobody has to be asked for it."""
    if isinstance(host, bytes | bytearray):
        host = bytes(host).decode("ascii", "replace")
    if not isinstance(host, str):
        return True  # None: this machine
    if not host or host == "<broadcast>":
        return True
    if host[-1:].isdigit() and host.replace(".", "").isdigit():
        return True
    if ":" not in host:
        return False
    try:
        socket.inet_pton(socket.AF_INET6, host.partition("%")[0])
    except OSError:
        return False
    return True


def _is_of_the_program(caller: FrameType) -> bool:
    return sys.modules.get("multiprocessing") is not None and caller.f_globals.get("__name__") in _OF_THE_PROGRAM
