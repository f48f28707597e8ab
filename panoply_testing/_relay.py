"""Passes on what two sides say to each other, and breaks their connection where a fault is asked for.

Each connection is one operation, and so is each time that one side begins to speak. TLS passes through as it is.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import selectors
import socket
import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from panoply_testing._exchanges import Exchanges
    from panoply_testing.faults import FaultKind, OperationKind

__all__ = ["Relay"]

# At most so many bytes wait in each direction for a side that reads slowly.
MOST_WAITING: Final = 1 << 20

_CHUNK: Final = 1 << 16

# So many operations that met the fault are told one by one; the others are only counted.
MOST_HITS: Final = 5

# How often to look whether the process that started this one is still there.
LOOK_SECONDS: Final = 1.0

# Passes over whatever is ready, before a question is answered. Far more than a driver can have under way: it only ends
# a stream that never pauses.
MOST_PASSES: Final = 10_000

# On close, break the connection instead of ending it properly.
_BREAK: Final = struct.pack("ii", 1, 0)


@dataclass(slots=True, eq=False)
class _Side:
    """One of the two sockets of a connection.

    Attributes:
        connecting: it is not there yet.
        reading: whether it may still say something.
        waiting: what it is to be told. `ending`: whether that is all. `ended`: and it was told so.
        watched: the events that the selector looks for.
    """

    sock: socket.socket
    connecting: bool = False
    reading: bool = True
    waiting: bytearray = field(default_factory=bytearray)
    ending: bool = False
    ended: bool = False
    watched: int = 0


@dataclass(slots=True, eq=False)
class _Pair:
    """A connection of the driver's, and the one that it is led on to.

    Attributes:
        turn: what the last operation was: who speaks now.
        deaf: whatever either side says is for nobody any more.
    """

    address: str
    client: _Side
    server: _Side
    turn: OperationKind = "connect"
    deaf: bool = False


class Relay:
    """The proxy at work.

    Args:
        listeners: with the address that each leads to.
        control: where questions come in.
        exchanges: counts.
    """

    def __init__(self, listeners: dict[socket.socket, str], control: socket.socket, exchanges: Exchanges) -> None:
        self._listeners = listeners
        self._control = control
        self._asked = bytearray()
        self._exchanges = exchanges
        self._selector = selectors.DefaultSelector()
        self._pairs: set[_Pair] = set()
        # Those that have fallen silent: kept, so that they stay open.
        self._silent: list[_Pair] = []

    def run(self, parent: int) -> None:
        """Relay until nobody is there any more who could ask."""
        for listener in self._listeners:
            self._selector.register(listener, selectors.EVENT_READ)
        self._selector.register(self._control, selectors.EVENT_READ)
        while os.getppid() == parent:
            self._pass(LOOK_SECONDS)

    def _pass(self, seconds: float) -> bool:
        """Deal with all that is ready; say whether there was anything."""
        ready = self._selector.select(seconds)
        asked = False
        # Where both sides speak, whoever asks is heard before whoever answers.
        for key, events in sorted(ready, key=lambda each: 0 if each[0].data is None else 1 + each[0].data[1]):
            if key.fileobj is self._control:
                asked = True
            elif key.data is None:
                self._accept(key.fileobj)  # type: ignore[arg-type]
            elif self._is_current(key):
                pair, is_server = key.data
                self._serve(pair, pair.server if is_server else pair.client, events)
        if asked and seconds:
            self._answer()
        return any(key.fileobj is not self._control for key, _ in ready)

    def _is_current(self, key: selectors.SelectorKey) -> bool:
        """Whether what was ready still is what it was: an event before it may have closed it."""
        now = self._selector.get_map().get(key.fd)
        return now is not None and now.data is not None and now.data[0] is key.data[0]

    # ------------------------------------------------------------------ connections

    def _accept(self, listener: socket.socket) -> None:
        with contextlib.suppress(BlockingIOError, ConnectionAbortedError):
            sock, _ = listener.accept()
            self._opened(sock, self._listeners[listener])

    def _opened(self, sock: socket.socket, address: str) -> None:
        host, _, port = address.rpartition(":")
        client = _Side(sock)
        far = socket.socket(socket.AF_INET6 if host.startswith("[") else socket.AF_INET, socket.SOCK_STREAM)
        pair = _Pair(address=address, client=client, server=_Side(far, connecting=True))
        self._pairs.add(pair)
        for each in (sock, far):
            each.setblocking(False)  # noqa: FBT003 - as the library has it
            each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        fault = self._exchanges.begin("connect", address)
        if fault is not None:
            self._break(pair, fault, b"")
            return
        if far.connect_ex((host.strip("[]"), int(port))) not in (0, errno.EINPROGRESS):
            self._drop(pair)
            return
        self._watch(pair)

    def _serve(self, pair: _Pair, side: _Side, events: int) -> None:
        try:
            if side.connecting:
                if side.sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
                    self._drop(pair)
                    return
                side.connecting = False
            elif events & selectors.EVENT_READ and side.reading:
                self._read(pair, side)
            self._flush(side)
        except BlockingIOError:
            pass
        except OSError:
            # One side has broken it off: so it is for the other one.
            self._drop(pair)
            return
        if pair.client.ended and not pair.client.reading and (pair.deaf or pair.server.ended):
            self._forget(pair)
            self._pairs.discard(pair)
            for each in (pair.client, pair.server):
                each.sock.close()
        elif pair not in self._silent and pair.client.sock.fileno() >= 0:
            self._watch(pair)

    def _read(self, pair: _Pair, side: _Side) -> None:
        other, kind = (pair.server, "send") if side is pair.client else (pair.client, "receive")
        data = side.sock.recv(_CHUNK)
        if not data:
            side.reading = False
            other.ending = True
            if not pair.deaf:
                self._flush(other)
            return
        if pair.deaf:
            return
        if pair.turn != kind:
            pair.turn = kind  # type: ignore[assignment]
            fault = self._exchanges.begin(kind, pair.address)  # type: ignore[arg-type]
            if fault is not None:
                self._break(pair, fault, data)
                return
        other.waiting += data
        self._flush(other)

    @staticmethod
    def _flush(side: _Side) -> None:
        """Tell a side what it is to be told, as far as it listens."""
        if side.connecting or side.sock.fileno() < 0:
            return
        with contextlib.suppress(BlockingIOError):
            while side.waiting:
                del side.waiting[: side.sock.send(side.waiting)]
        if side.ending and not side.waiting and not side.ended:
            side.sock.shutdown(socket.SHUT_WR)
            side.ended = True

    # ------------------------------------------------------------------ faults

    def _break(self, pair: _Pair, fault: FaultKind, data: bytes) -> None:
        """Let a fault happen, in the place of `data`."""
        if fault == "silent":
            self._forget(pair)
            self._pairs.discard(pair)
            self._silent.append(pair)
        elif fault in ("refused", "reset"):
            self._drop(pair)
        else:
            if fault == "answered-half":
                pair.client.waiting += data[: len(data) // 2]
            pair.client.ending = pair.deaf = True
            self._forget(pair)
            _broken_off(pair.server.sock)
            self._flush(pair.client)

    def _drop(self, pair: _Pair) -> None:
        self._forget(pair)
        self._pairs.discard(pair)
        _broken_off(pair.client.sock)
        _broken_off(pair.server.sock)

    # ------------------------------------------------------------------ the selector

    def _watch(self, pair: _Pair) -> None:
        """Look for what either side can do next."""
        for side, other in ((pair.client, pair.server), (pair.server, pair.client)):
            events = 0
            # What is said before the far end is there counts as said.
            if side.reading and not side.connecting and len(other.waiting) < MOST_WAITING:
                events |= selectors.EVENT_READ
            if side.waiting or side.connecting:
                events |= selectors.EVENT_WRITE
            self._look_for(side, events if side.sock.fileno() >= 0 else 0, (pair, side is pair.server))

    def _look_for(self, side: _Side, events: int, data: Any) -> None:
        if events == side.watched:
            return
        if not events:
            self._selector.unregister(side.sock)
        elif side.watched:
            self._selector.modify(side.sock, events, data)
        else:
            self._selector.register(side.sock, events, data)
        side.watched = events

    def _forget(self, pair: _Pair) -> None:
        for side in (pair.client, pair.server):
            self._look_for(side, 0, None)

    # ------------------------------------------------------------------ questions

    def _answer(self) -> None:
        """Answer what is asked, once all that was sent before the question has been seen."""
        data = self._control.recv(_CHUNK)
        if not data:
            os._exit(0)
        self._asked += data
        while b"\n" in self._asked:
            question, _, rest = bytes(self._asked).partition(b"\n")
            self._asked = bytearray(rest)
            for _ in range(MOST_PASSES):
                if not self._pass(0):
                    break
            if question == b"relieve":
                self._exchanges.relieve()
            told = {
                "begun": self._exchanges.take() if question == b"drain" else [],
                "hits": self._exchanges.hits[:MOST_HITS],
                "hit_count": len(self._exchanges.hits),
                "at_work": any(pair.turn == "send" or pair.server.connecting for pair in self._pairs if not pair.deaf),
            }
            self._control.sendall(json.dumps(told).encode() + b"\n")


def _broken_off(sock: socket.socket) -> None:
    """Close it so that the other side sees a broken connection, rather than one that has ended."""
    with contextlib.suppress(OSError):
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _BREAK)
    sock.close()
