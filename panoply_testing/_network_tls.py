"""Puts the wire above TLS, where it carries what a source says: in a socket that encrypts, and in an SSLObject beside one.

An event loop speaks TLS by an SSLObject, which turns words into bytes and never sees a socket. So the two are brought
together when the first of those bytes leaves: what goes through that socket then counts no more, what goes through the
SSLObject does.
"""

from __future__ import annotations

import ssl
import sys
import weakref
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Final

from panoply_testing import _network_failures as failures
from panoply_testing._network_shapes import PLAIN, Into

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

    from panoply_testing._network_connections import Connection
    from panoply_testing._network_shapes import Shape
    from panoply_testing._network_wire import Wire
    from panoply_testing.faults import FaultKind

__all__ = ["Tls"]

# What the first byte of a TLS connection says: this record is of a handshake.
_HANDSHAKE: Final = 0x16

# As much as one TLS record holds.
_RECORD: Final = 16 * 1024

# The SSLObject that has made its first bytes, and waits for somebody to send them. In the same task or call-back that does
# so, whatever other connections are being made meanwhile.
_greeting: ContextVar[weakref.ref[ssl.SSLObject] | None] = ContextVar("greeting", default=None)


class Tls:
    """The TLS of this process."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._below: weakref.WeakKeyDictionary[ssl.SSLObject, Connection] = weakref.WeakKeyDictionary()

    def begins(self, connection: Connection, sock: socket.socket, data: object) -> bool:
        """Whether these are the first bytes of an SSLObject, which speaks through this socket from now on."""
        reference = _greeting.get()
        speaker = reference() if reference is not None else None
        if speaker is None or not _is_of_a_handshake(data):
            return False
        _greeting.set(None)
        self._below[speaker] = connection
        frame = sys._getframe(2)  # noqa: SLF001 - below the patched method
        connection.settle()
        connection.wrapped, connection.phase = True, "open"
        entry, kind = self._wire.begin("handshake", connection, sock, frame)
        if kind is None:
            self._wire.await_answer(connection)
        else:
            self._wire.doom(connection, sock, entry, kind)
        return True

    def put_above(self) -> None:
        """Replace the methods of `ssl.SSLSocket` and `ssl.SSLObject`, for the rest of this process."""
        self._put_above_sockets()
        self._put_above_objects()

    def _put_above_sockets(self) -> None:
        wire, find = self._wire, self._wire.connections.find
        base = ssl.SSLSocket
        do_handshake_for_real, read_for_real = base.do_handshake, base.read
        write_for_real, send_for_real = base.write, base.send

        def do_handshake(sock: ssl.SSLSocket, block: bool = False) -> None:  # noqa: FBT001, FBT002 - as it is
            connection = None if sock.server_side else find(sock)
            if connection is None:
                return do_handshake_for_real(sock, block)
            self._shake_hands(connection, sock)
            return wire.waiting(lambda: do_handshake_for_real(sock, block))

        def read(sock: ssl.SSLSocket, len: int = 1024, buffer: Any = None) -> Any:  # noqa: A002 - as it is called
            connection = find(sock)
            if connection is None or sock._sslobj is None:  # type: ignore[attr-defined]  # noqa: SLF001 - not public
                return read_for_real(sock, len, buffer)
            if connection.steady:
                result = wire.hasty(read_for_real, sock, len, buffer)
                wire.more(connection, memoryview(result).nbytes if buffer is None else result)  # type: ignore[arg-type]
                return result
            shape: Shape[Any] = PLAIN if buffer is None else Into(buffer)
            return wire.receiving(connection, sock, lambda: read_for_real(sock, len, buffer), len, shape, tls=True)

        def is_swallowed(sock: ssl.SSLSocket, data: Any) -> bool:
            if sock._sslobj is None:  # type: ignore[attr-defined]  # noqa: SLF001 - it does not encrypt any more
                return False
            connection = find(sock)
            return connection is not None and wire.sending(connection, sock, data, tls=True)

        def write(sock: ssl.SSLSocket, data: Any) -> int:
            return memoryview(data).nbytes if is_swallowed(sock, data) else write_for_real(sock, data)

        def send(sock: ssl.SSLSocket, data: Any, flags: int = 0) -> int:
            return memoryview(data).nbytes if is_swallowed(sock, data) else send_for_real(sock, data, flags)

        _put(base, do_handshake, read, write, send)

    def _shake_hands(self, connection: Connection, sock: ssl.SSLSocket) -> None:
        """Count the handshake.

        Raises:
            OSError: it fails.
        """
        kind: FaultKind | None = None
        if not connection.secured:
            connection.secured = True
            connection.settle()
            connection.phase = "open"
            frame = sys._getframe(2)  # noqa: SLF001 - below the patched method
            entry, kind = self._wire.begin("handshake", connection, sock, frame)
            if kind is not None:
                self._wire.doom(connection, sock, entry, kind)
        match connection.fate:
            case "reset":
                raise failures.reset()
            case "timed-out":
                self._wire.time_out(sock, "handshake", tls=True)
            case "silent":
                self._wire.wait_in_vain(connection, sock, "handshake", tls=True)
            case "closed" | "answered":
                raise failures.cut_in_handshake()

    def _put_above_objects(self) -> None:  # noqa: C901 - one small function for each method
        wire, below = self._wire, self._below
        base = ssl.SSLObject
        do_handshake_for_real, read_for_real, write_for_real = base.do_handshake, base.read, base.write

        def do_handshake(speaker: ssl.SSLObject) -> None:
            if speaker in below:
                do_handshake_for_real(speaker)
                wire.expect_nothing(below[speaker])
                return
            if not (speaker.server_side or wire.quiet):
                _greeting.set(weakref.ref(speaker))
            do_handshake_for_real(speaker)

        def write(speaker: ssl.SSLObject, data: Any) -> int:
            connection = below.get(speaker)
            sock = connection.owner() if connection is not None and connection.owner is not None else None
            if connection is None or sock is None or wire.quiet:
                return write_for_real(speaker, data)
            wire.begin_sending(connection, sock, data, sys._getframe(1))  # noqa: SLF001 - who called
            if connection.fate == "answered":
                connection.keep(data)
                return memoryview(data).nbytes
            # Where it fails, the bytes that come out of it will.
            return write_for_real(speaker, data)

        def read(speaker: ssl.SSLObject, len: int = 1024, buffer: Any = None) -> Any:  # noqa: A002 - as it is called
            connection = below.get(speaker)
            sock = connection.owner() if connection is not None and connection.owner is not None else None
            if connection is None or sock is None or wire.quiet:
                return read_for_real(speaker, len, buffer)
            shape: Shape[Any] = PLAIN if buffer is None else Into(buffer)
            if connection.fate is None:
                result = read_for_real(speaker, len, buffer)
                # It need not wait, as what was said has arrived; if it has to, the socket does it.
                if wire.begin_receiving(connection, sock, sys._getframe(1)) is None:  # noqa: SLF001 - who called
                    return wire.received(connection, sock, result, shape)
            elif connection.fate == "answered":
                wire.begin_receiving(connection, sock, sys._getframe(1))  # noqa: SLF001 - who called
                return wire.receive_nothing(connection, sock, "answered", len, shape)
            while read_for_real(speaker, _RECORD):
                pass  # it is lost on the way
            # Nothing is there: whoever asks turns to the socket, and learns there what has happened.
            raise failures.would_block(tls=True)

        _put(base, do_handshake, read, write)


def _put(holder: type, *methods: Callable[..., Any]) -> None:
    for method in methods:
        method.__qualname__ = f"{holder.__name__}.{method.__name__}"
        setattr(holder, method.__name__, method)


def _is_of_a_handshake(data: object) -> bool:
    try:
        return memoryview(data)[0] == _HANDSHAKE  # type: ignore[arg-type]
    except (TypeError, IndexError, NotImplementedError):
        return False
