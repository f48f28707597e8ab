"""Puts the wire below every socket object of this process: what is called on a socket asks the wire first.

The methods are replaced on the class, so that it does not matter who made a socket, when, or which library uses it.
"""

from __future__ import annotations

import errno
import socket
import sys
from typing import TYPE_CHECKING, Any, Final

from panoply_testing import _network_failures as failures
from panoply_testing._network_connections import is_number
from panoply_testing._network_shapes import PLAIN, Into, IntoSeveral, Tupled

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from panoply_testing._network_connections import Connection
    from panoply_testing._network_names import Lookups
    from panoply_testing._network_shapes import Shape
    from panoply_testing._network_tls import Tls
    from panoply_testing._network_wire import Wire

__all__ = ["put_below_sockets"]

# What is only looked at is received later, and what must not wait is not waited for. Not every platform has the second.
_PEEK: Final = socket.MSG_PEEK
_DONTWAIT: Final = getattr(socket, "MSG_DONTWAIT", 0)

_UNDER_WAY: Final = frozenset({errno.EINPROGRESS, errno.EWOULDBLOCK, errno.EALREADY, errno.EINTR})


# What trio keeps of a socket's methods.
_METHODS: Final = ("send", "recv", "recv_into", "recvfrom", "recvfrom_into", "recvmsg", "recvmsg_into", "accept")

_FROM: Final = Tupled(PLAIN, (None,))
_MESSAGE: Final = Tupled(PLAIN, ([], 0, None))


def put_below_sockets(wire: Wire, lookups: Lookups, tls: Tls) -> None:
    """Replace the methods of `socket.socket`, for the rest of this process."""
    before = {name: getattr(socket.socket, name, None) for name in _METHODS}
    _connect(wire, lookups)
    _send(wire, tls)
    _receive(wire)
    if hasattr(socket.socket, "recvmsg"):
        _receive_messages(wire)
    _come_and_go(wire)
    _put_below_trio({id(method): getattr(socket.socket, name, None) for name, method in before.items()})


def _put_below_trio(replaced: dict[int, Any]) -> None:
    """Replace the methods where trio keeps them, if it was imported before: it looks them up once, for good."""
    holder = getattr(sys.modules.get("trio._socket"), "_SocketType", None)
    for function in vars(holder).values() if holder is not None else ():
        for cell in getattr(function, "__closure__", None) or ():
            cell.cell_contents = replaced.get(id(cell.cell_contents), cell.cell_contents)


def _put(name: str, method: Callable[..., Any]) -> None:
    method.__name__ = name
    method.__qualname__ = f"socket.{name}"
    setattr(socket.socket, name, method)


def _connect(wire: Wire, lookups: Lookups) -> None:
    connect_for_real, connect_ex_for_real = socket.socket.connect, socket.socket.connect_ex

    def connect(sock: socket.socket, address: Any, /) -> None:
        caller = sys._getframe(1)  # noqa: SLF001 - the documented way to see who called
        connection = wire.connections.connecting(sock, address, caller)
        if connection is None:
            return connect_for_real(sock, address)
        _begin(wire, lookups, connection, sock, caller)
        try:
            wire.waiting(lambda: connect_for_real(sock, address))
        except OSError as exc:
            _tried(wire, connection, sock, exc.errno)
            raise
        return _tried(wire, connection, sock, 0)

    def connect_ex(sock: socket.socket, address: Any, /) -> int:
        caller = sys._getframe(1)  # noqa: SLF001 - as above
        connection = wire.connections.connecting(sock, address, caller)
        if connection is None:
            return connect_ex_for_real(sock, address)
        try:
            _begin(wire, lookups, connection, sock, caller)
        except (socket.gaierror, socket.herror):
            raise
        except OSError as exc:
            return exc.errno or errno.EAGAIN  # the latter after a time limit, as Python has it
        number = wire.waiting(lambda: connect_ex_for_real(sock, address))
        _tried(wire, connection, sock, number)
        return number

    _put("connect", connect)
    _put("connect_ex", connect_ex)


def _begin(wire: Wire, lookups: Lookups, connection: Connection, sock: socket.socket, caller: FrameType) -> None:
    """Count the connection that is about to be made, unless it is already.

    Raises:
        OSError: it is not to be made.
    """
    if connection.since:
        if connection.fate == "silent":
            raise failures.in_progress()
        return
    address = connection.address
    if isinstance(address, tuple) and address and not is_number(address[0]):
        lookups.begin(address[0], "connect", caller)
    entry, kind = wire.begin("connect", connection, sock, caller)
    wire.await_answer(connection)
    if kind is None:
        return
    wire.ledger.hit(entry, kind)
    if kind == "silent" and not entry.blocking:
        connection.fate = "silent"
        wire.silence(sock)
        raise failures.in_progress()
    wire.connections.forget(sock)
    if kind == "refused":
        raise failures.refused()
    # Of a connection that nobody answers, the system gives up at some time, if nobody does before.
    wire.time_out(sock, "connect")


def _tried(wire: Wire, connection: Connection, sock: socket.socket, number: int | None) -> None:
    """What came of a connection."""
    if number in _UNDER_WAY:
        return
    failed = bool(number) and number != errno.EISCONN
    # Somebody will speak now; only who waits within a call cannot be waiting for it.
    if failed or sock.gettimeout() != 0:
        wire.expect_nothing(connection)
    if failed:
        wire.connections.forget(sock)
        return
    connection.phase = "open"
    try:
        connection.peer = sock.getpeername()
    except OSError:  # it has gone again
        connection.peer = None


def _send(wire: Wire, tls: Tls) -> None:  # noqa: C901 - as below
    find = wire.connections.find
    base = socket.socket
    send_for_real, sendall_for_real, sendto_for_real = base.send, base.sendall, base.sendto
    sendfile_for_real = base.sendfile

    def is_swallowed(connection: Connection, sock: socket.socket, data: object) -> bool:
        """Whether the far end is not to get this."""
        if not connection.wrapped:
            if connection.phase == "sending" and connection.fate is None:
                return False
            if not tls.begins(connection, sock, data):
                return wire.sending(connection, sock, data)
            if connection.fate is not None:
                return True
        return wire.pass_down(connection, sock)

    def send(sock: socket.socket, data: Any, /, *flags: int) -> int:
        connection = find(sock)
        if connection is not None and is_swallowed(connection, sock, data):
            return memoryview(data).nbytes
        return send_for_real(sock, data, *flags)

    def sendall(sock: socket.socket, data: Any, /, *flags: int) -> None:
        connection = find(sock)
        if connection is None:
            return sendall_for_real(sock, data, *flags)
        if is_swallowed(connection, sock, data):
            return None
        return wire.waiting(lambda: sendall_for_real(sock, data, *flags))

    def sendto(sock: socket.socket, data: Any, /, *flags_and_address: Any) -> int:
        connection = find(sock)
        if connection is not None:
            if connection.peer is None and flags_and_address:
                connection.host = wire.names.host(flags_and_address[-1])
            if is_swallowed(connection, sock, data):
                return memoryview(data).nbytes
        return sendto_for_real(sock, data, *flags_and_address)

    def sendfile(sock: socket.socket, file: Any, offset: int = 0, count: int | None = None) -> int:
        connection = find(sock)
        if connection is None:
            return sendfile_for_real(sock, file, offset, count)
        if is_swallowed(connection, sock, b""):
            file.seek(offset)
            return len(file.read(-1 if count is None else count))
        return wire.waiting(lambda: sendfile_for_real(sock, file, offset, count))

    _put("send", send)
    _put("sendall", sendall)
    _put("sendto", sendto)
    _put("sendfile", sendfile)

    if hasattr(base, "sendmsg"):
        sendmsg_for_real = base.sendmsg

        def sendmsg(sock: socket.socket, buffers: Any, /, *more: Any) -> int:
            connection = find(sock)
            if connection is None:
                return sendmsg_for_real(sock, buffers, *more)
            buffers = list(buffers)  # it may be an iterator, which can be gone through once
            if is_swallowed(connection, sock, b"".join(buffers) if _is_looked_at(connection) else b""):
                return sum(memoryview(buffer).nbytes for buffer in buffers)
            return sendmsg_for_real(sock, buffers, *more)

        _put("sendmsg", sendmsg)


def _is_looked_at(connection: Connection) -> bool:
    """Whether anybody wants to know what is being sent."""
    return connection.phase != "sending" or connection.kept is not None


def _receive(wire: Wire) -> None:  # noqa: C901 - one small function for each method
    find, take, more, hasty = wire.connections.find, _taken_from(wire), wire.more, wire.hasty
    base = socket.socket
    recv_for_real, recvfrom_for_real = base.recv, base.recvfrom
    recv_into_for_real, recvfrom_into_for_real = base.recv_into, base.recvfrom_into

    def recv(sock: socket.socket, size: int, flags: int = 0, /) -> bytes:
        connection = find(sock)
        if connection is None:
            return recv_for_real(sock, size, flags)
        if connection.steady and not flags:
            data = hasty(recv_for_real, sock, size)
            more(connection, len(data))
            return data
        return take(connection, sock, lambda: recv_for_real(sock, size, flags), size, flags, PLAIN)  # type: ignore[no-any-return]

    def recvfrom(sock: socket.socket, size: int, flags: int = 0, /) -> Any:
        connection = find(sock)
        if connection is None:
            return recvfrom_for_real(sock, size, flags)
        return take(connection, sock, lambda: recvfrom_for_real(sock, size, flags), size, flags, _FROM)

    def recv_into(sock: socket.socket, buffer: Any, nbytes: int = 0, flags: int = 0) -> int:
        connection = find(sock)
        if connection is None:
            return recv_into_for_real(sock, buffer, nbytes, flags)
        if connection.steady and not flags:
            return more(connection, hasty(recv_into_for_real, sock, buffer, nbytes))
        size = nbytes or memoryview(buffer).nbytes
        act = lambda: recv_into_for_real(sock, buffer, nbytes, flags)  # noqa: E731 - one of several alike
        return take(connection, sock, act, size, flags, Into(buffer))  # type: ignore[no-any-return]

    def recvfrom_into(sock: socket.socket, buffer: Any, nbytes: int = 0, flags: int = 0) -> Any:
        connection = find(sock)
        if connection is None:
            return recvfrom_into_for_real(sock, buffer, nbytes, flags)
        size = nbytes or memoryview(buffer).nbytes
        act = lambda: recvfrom_into_for_real(sock, buffer, nbytes, flags)  # noqa: E731 - as above
        return take(connection, sock, act, size, flags, Tupled(Into(buffer), (None,)))

    _put("recv", recv)
    _put("recvfrom", recvfrom)
    _put("recv_into", recv_into)
    _put("recvfrom_into", recvfrom_into)


def _receive_messages(wire: Wire) -> None:
    find, take = wire.connections.find, _taken_from(wire)
    recvmsg_for_real, recvmsg_into_for_real = socket.socket.recvmsg, socket.socket.recvmsg_into

    def recvmsg(sock: socket.socket, size: int, ancillary: int = 0, flags: int = 0, /) -> Any:
        connection = find(sock)
        if connection is None:
            return recvmsg_for_real(sock, size, ancillary, flags)
        act = lambda: recvmsg_for_real(sock, size, ancillary, flags)  # noqa: E731 - as above
        return take(connection, sock, act, size, flags, _MESSAGE)

    def recvmsg_into(sock: socket.socket, buffers: Any, ancillary: int = 0, flags: int = 0, /) -> Any:
        connection = find(sock)
        if connection is None:
            return recvmsg_into_for_real(sock, buffers, ancillary, flags)
        buffers = list(buffers)
        size = sum(memoryview(buffer).nbytes for buffer in buffers)
        act = lambda: recvmsg_into_for_real(sock, buffers, ancillary, flags)  # noqa: E731 - as above
        return take(connection, sock, act, size, flags, Tupled(IntoSeveral(buffers), ([], 0, None)))

    _put("recvmsg", recvmsg)
    _put("recvmsg_into", recvmsg_into)


def _taken_from(wire: Wire) -> Callable[..., Any]:
    """What all ways to receive have in common."""

    def take(  # noqa: PLR0913, PLR0917 - all of them, each time
        connection: Connection,
        sock: socket.socket,
        act: Callable[[], Any],
        size: int,
        flags: int,
        shape: Shape[Any],
    ) -> Any:
        waits = not flags & _DONTWAIT
        if flags & _PEEK:
            if connection.fate is None or connection.wrapped:
                return wire.waiting(act)
            if connection.fate == "answered":
                return shape.give(connection.rest[:size])
            return wire.receive_nothing(connection, sock, connection.fate, size, shape, waits=waits)
        if not connection.wrapped:
            return wire.receiving(connection, sock, act, size, shape, waits=waits)
        if connection.fate is not None:
            return wire.pass_up(connection, sock, size, shape, waits=waits)
        result = wire.waiting(act)
        if not shape.look(result):
            connection.settle()
            wire.expect_nothing(connection)
        return result

    return take


def _come_and_go(wire: Wire) -> None:
    """Know which sockets are another's that was let in, and which are gone."""
    accept_for_real = socket.socket.accept
    close_for_real: Callable[[socket.socket], None] = socket.socket._real_close  # type: ignore[attr-defined]  # noqa: SLF001 - where every way of closing a socket ends

    def accept(sock: socket.socket) -> Any:
        accepted, address = accept_for_real(sock)
        if not wire.quiet:
            wire.connections.adopt(accepted, None)
        return accepted, address

    def real_close(sock: socket.socket, *more: Any) -> None:
        connection = None if wire.quiet else wire.connections.forget(sock)
        if connection is not None:
            wire.expect_nothing(connection)
        close_for_real(sock, *more)

    _put("accept", accept)
    _put("_real_close", real_close)
