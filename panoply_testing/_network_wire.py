"""Decides what becomes of each thing that a source does on a connection: it passes, it fails, or something else comes back.

What stands between the patched functions, of which there are many, and the ledger. Knows sockets, but not which of their
methods was called.
"""

from __future__ import annotations

import contextlib
import os
import socket
import sys
import threading
import time
from functools import partial
from typing import TYPE_CHECKING, Any, Final, NoReturn, TypeVar

from panoply_testing import _network_failures as failures
from panoply_testing._http_bytes import canned_answer, cut_at, request_of
from panoply_testing._network_connections import Connection, Connections, Fate, Names
from panoply_testing._network_ledger import Entry, Ledger
from panoply_testing._network_lines import Lines

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from panoply_testing._elsewhere import Elsewhere
    from panoply_testing._network_failures import Doing
    from panoply_testing._network_shapes import Shape
    from panoply_testing.faults import Fault, FaultKind, OperationKind

__all__ = ["Wire"]

# So long an answer may take until it counts as none: what was sent may be of a kind that nobody answers.
STREAM_SECONDS: Final = 10.0
DATAGRAM_SECONDS: Final = 1.0

# So long the next piece of an answer may take whose end cannot be told. On a local connection it takes a millisecond, but for a
# database that has to look for the next rows, on a machine that is busy.
PIECE_SECONDS: Final = 0.1

_FATES: Final[dict[FaultKind, Fate]] = {
    "reset": "reset",
    "timed-out": "timed-out",
    "closed-early": "closed",
    "answered-half": "closed",
    "silent": "silent",
    "http-429": "answered",
    "http-500": "answered",
    "http-503": "answered",
    "http-not-json": "answered",
}

# The first three of the five bytes that a TLS record begins with: too few for anybody to make something of them.
_PART_OF_A_RECORD: Final = b"\x17\x03\x03"

# Kept from the time before anybody stops the clocks of this process.
_now: Final = partial(time.clock_gettime, time.CLOCK_MONOTONIC)

# What the socket itself does, whoever has patched its methods.
_shutdown: Final = socket.socket.shutdown

T = TypeVar("T")


class Wire:
    """What all connections of this process go through.

    Args:
        fault: what goes wrong, and where.
        own_line: gives the source's own line at or above a frame.
        advance: the time passes that an operation would have waited.
        stuck_for_ever: an operation would never come back. Does not come back either.
        elsewhere: another host that the source is sent to, and that is answered for here.
    """

    def __init__(
        self,
        *,
        fault: Fault | None,
        own_line: Callable[[FrameType | None], str],
        advance: Callable[[float], None],
        stuck_for_ever: Callable[[str], NoReturn],
        elsewhere: Elsewhere | None = None,
    ) -> None:
        self.ledger = Ledger(fault)
        self.names = Names()
        self.connections = Connections(self.names)
        self.lines = Lines(own_line)
        self.stuck = ""
        self.busy: set[int] = set()
        self._advance = advance
        self._stuck_for_ever = stuck_for_ever
        self._elsewhere = elsewhere
        self._awaited: set[Connection] = set()
        self._mute: list[socket.socket] = []

    @property
    def quiet(self) -> bool:
        """Whether nothing is to be seen or done any more: this is a process that the source has forked."""
        return self.connections.quiet

    def be_quiet(self) -> None:
        """Let everything pass from now on."""
        self.connections.be_quiet()

    # ------------------------------------------------------------------ whether something is going on

    def waiting(self, act: Callable[[], T]) -> T:
        """Do what may wait for the network."""
        me = threading.get_ident()
        self.busy.add(me)
        try:
            return act()
        finally:
            self.busy.discard(me)

    def hasty(self, method: Callable[..., T], *args: Any) -> T:
        """The same for a method and what it is called with."""
        me = threading.get_ident()
        self.busy.add(me)
        try:
            return method(*args)
        finally:
            self.busy.discard(me)

    def await_answer(self, connection: Connection) -> None:
        """Something was said; something may come back."""
        connection.since = _now()
        self._awaited.add(connection)

    def expect_nothing(self, connection: Connection) -> None:
        """Nothing more comes back."""
        self._awaited.discard(connection)

    def at_work(self) -> bool:
        """Whether a thread waits for the network, or an answer is on its way."""
        if self.busy:
            return True
        now = _now()
        for connection in tuple(self._awaited):
            if self._is_awaited(connection, now):
                return True
            self._awaited.discard(connection)
        return False

    @staticmethod
    def _is_awaited(connection: Connection, now: float) -> bool:
        sock = connection.owner() if connection.owner is not None else None
        if sock is None or connection.fate is not None or sock.fileno() < 0:
            return False
        patience = DATAGRAM_SECONDS if connection.datagram else STREAM_SECONDS
        if connection.phase == "receiving" and connection.answer.framing == "other":
            patience = PIECE_SECONDS
        elif connection.phase == "connecting":
            with contextlib.suppress(OSError):
                sock.getpeername()
                # It is connected, and nothing was said yet. Who does not wait within a call waits for what the far end says
                # first, as MySQL and many of the old protocols do, or will speak in a moment.
                if sock.gettimeout() != 0:
                    return False
        return now - connection.since < patience

    # ------------------------------------------------------------------ operations

    def begin(  # noqa: PLR0913 - all that an operation has
        self,
        kind: OperationKind,
        connection: Connection,
        sock: socket.socket,
        frame: FrameType,
        *,
        request: str = "",
        waits: bool = True,
    ) -> tuple[Entry, FaultKind | None]:
        """Number an operation; gives what is to go wrong with it."""
        timeout = sock.gettimeout()
        # An answer arrives in an event loop, far from any line of the source's: the line that asked is the better one.
        if kind != "receive" or timeout != 0 or not connection.where:
            connection.where = self.lines.at(frame, connection.where)
        entry = Entry(
            number=0,
            kind=kind,
            host=connection.host,
            where=connection.where,
            limit=timeout or None,
            blocking=waits and timeout != 0,
            request=request,
        )
        connection.last = entry
        return entry, self.ledger.begin(entry, immune=connection.fate is not None)

    def begin_sending(
        self, connection: Connection, sock: socket.socket, data: object, frame: FrameType
    ) -> FaultKind | None:
        """Something is about to be sent; gives what goes wrong, and has let it happen to the connection."""
        if connection.phase == "sending":
            return None
        request = "" if connection.datagram else request_of(data)
        entry, kind = self.begin("send", connection, sock, frame, request=request)
        connection.begin_sending(entry)
        if kind is not None:
            if _FATES[kind] == "answered":
                connection.rest = canned_answer(kind, request)
            self.doom(connection, sock, entry, kind)
        elif connection.fate is None:
            answer = self._elsewhere.answer(entry, connection, data) if self._elsewhere is not None else None
            if answer is None:
                self.await_answer(connection)
            else:
                connection.rest = answer
                self._end_in(connection, sock, "answered")
        return kind

    def begin_receiving(
        self, connection: Connection, sock: socket.socket, frame: FrameType, *, waits: bool = True
    ) -> FaultKind | None:
        """An answer begins, or is about to be waited for; gives what goes wrong, and has let it happen."""
        if connection.phase == "receiving":
            return None
        entry, kind = self.begin("receive", connection, sock, frame, waits=waits)
        connection.begin_receiving(entry)
        if kind == "answered-half":
            connection.cut = True
            return None
        if kind is not None:
            self.doom(connection, sock, entry, kind)
        return kind

    def doom(self, connection: Connection, sock: socket.socket, entry: Entry, kind: FaultKind) -> None:
        """From here on that is what this connection is good for."""
        self.ledger.hit(entry, kind)
        fate = _FATES[kind]
        if connection.datagram and fate != "silent":
            return  # each datagram is on its own
        self._end_in(connection, sock, fate)

    def _end_in(self, connection: Connection, sock: socket.socket, fate: Fate) -> None:
        connection.fate = fate
        connection.cut = connection.steady = False
        if fate != "answered":
            connection.settle()
        self.expect_nothing(connection)
        if fate == "silent":
            self.silence(sock)
        else:
            # The far end learns that it is over; and what waits for this socket to have something to read wakes up.
            with contextlib.suppress(OSError):
                _shutdown(sock, socket.SHUT_RDWR)

    def silence(self, sock: socket.socket) -> None:
        """Put something in the place of the connection that never has anything to read and never takes anything."""
        if not self._mute:
            self._mute = list(socket.socketpair())
            full = self._mute[0]
            full.settimeout(0)
            with contextlib.suppress(BlockingIOError):
                while True:
                    full.send(bytes(1 << 16))
        os.dup2(self._mute[0].fileno(), sock.fileno(), inheritable=False)

    # ------------------------------------------------------------------ sending

    def sending(self, connection: Connection, sock: socket.socket, data: object, *, tls: bool = False) -> bool:
        """Something is being sent.

        Returns:
            Whether the far end must not get it, though the source believes so.

        Raises:
            OSError: it fails.
        """
        if connection.phase == "sending" and connection.fate is None:
            return False
        before, fresh = connection.fate, connection.phase != "sending"
        kind = self.begin_sending(connection, sock, data, sys._getframe(2))  # noqa: SLF001 - below the patched method
        if connection.fate == "answered" and (before is None or not fresh):
            # This request has been answered: by now, or before this rest of it.
            connection.keep(data)
            return True
        fate = _FATES[kind] if kind is not None else connection.fate
        return self.fail_to_send(connection, sock, fate, tls=tls)

    def fail_to_send(
        self, connection: Connection, sock: socket.socket, fate: Fate | None, *, tls: bool = False
    ) -> bool:
        """What becomes of bytes on their way out; gives whether they are only believed to be sent."""
        if fate is None or fate == "silent":
            return fate is not None
        if fate == "timed-out":
            self.time_out(sock, "send", tls=tls)
        if connection.datagram:
            raise failures.refused()
        if fate == "reset" and not connection.told:
            connection.told = True
            raise failures.reset()
        raise failures.broken_pipe()

    # ------------------------------------------------------------------ receiving

    def receiving(  # noqa: PLR0913 - what the patched methods have in common
        self,
        connection: Connection,
        sock: socket.socket,
        act: Callable[[], T],
        size: int,
        shape: Shape[T],
        *,
        tls: bool = False,
        waits: bool = True,
    ) -> T:
        """Something is being received: do it, unless something else is to happen.

        Args:
            connection: from where.
            sock: through which socket.
            act: receives it, as if nothing were.
            size: the most that is asked for.
            shape: in which form it is wanted.
            tls: whether the socket itself speaks TLS.
            waits: whether this may wait, if the socket does.
        """
        frame = sys._getframe(2)  # noqa: SLF001 - below the patched method
        waits = waits and sock.gettimeout() != 0
        if connection.fate is not None:
            if waits or connection.fate != "silent":
                self.begin_receiving(connection, sock, frame, waits=waits)
            return self.receive_nothing(connection, sock, connection.fate, size, shape, tls=tls, waits=waits)
        kind: FaultKind | None = None
        if waits:
            kind = self.begin_receiving(connection, sock, frame)
            if kind is None:
                try:
                    result = self.waiting(act)
                except OSError:
                    self.expect_nothing(connection)
                    raise
        else:
            try:
                result = act()
            except failures.WANTS:
                raise  # nothing is there yet
            except OSError:
                self.begin_receiving(connection, sock, frame, waits=False)
                self.expect_nothing(connection)
                raise
            kind = self.begin_receiving(connection, sock, frame, waits=False)
        if kind is not None:
            return self.receive_nothing(connection, sock, _FATES[kind], size, shape, tls=tls, waits=waits)
        return self.received(connection, sock, result, shape)

    def received(self, connection: Connection, sock: socket.socket, result: T, shape: Shape[T]) -> T:
        """Something has arrived; gives as much of it as the source is to see."""
        data = shape.look(result)
        size = len(data)
        body = connection.heard(data)
        if not size or connection.answer.complete:
            self.expect_nothing(connection)
        else:
            connection.since = _now()
            connection.steady = not (connection.cut or connection.wrapped) and connection.answer.is_plain
        if connection.cut and size:
            at = size // 2 if connection.datagram else cut_at(connection.answer, size, body)
            if at is not None and connection.received is not None:
                connection.cut = False
                self.doom(connection, sock, connection.received, "answered-half")
                return shape.first(result, at)
        return result

    def more(self, connection: Connection, size: int) -> int:
        """More of an answer has arrived, on a connection that is steady: as `received`, for a hundred thousand pieces."""
        if not size or connection.answer.skip(size):
            connection.steady = False
            self.expect_nothing(connection)
        else:
            connection.since = _now()
        return size

    def receive_nothing(  # noqa: PLR0913 - as `receiving`
        self,
        connection: Connection,
        sock: socket.socket,
        fate: Fate,
        size: int,
        shape: Shape[T],
        *,
        tls: bool = False,
        waits: bool = True,
    ) -> T:
        """What a source receives from a connection that is no longer one."""
        if fate == "answered":
            data, connection.rest = connection.rest[:size], connection.rest[size:]
            return shape.give(data)
        if fate == "silent":
            self.wait_in_vain(connection, sock, tls=tls, waits=waits)
        if fate == "timed-out" or (connection.datagram and fate == "closed"):
            self.time_out(sock, "receive", tls=tls)
        if fate == "reset":
            connection.told = True
            raise failures.refused() if connection.datagram else failures.reset()
        if tls and not getattr(sock, "suppress_ragged_eofs", True):
            raise failures.cut_in_handshake()
        return shape.give(b"")

    def wait_in_vain(
        self, connection: Connection, sock: socket.socket, doing: Doing = "receive", *, tls: bool, waits: bool = True
    ) -> NoReturn:
        """Nothing comes: the time limit passes, or everything stands still."""
        limit = sock.gettimeout()
        if limit == 0 or not waits:
            raise failures.would_block(tls=tls)
        if limit is None:
            self.be_stuck(connection)
        self._advance(limit)
        raise failures.out_of_time(doing, tls=tls)

    def be_stuck(self, connection: Connection) -> NoReturn:
        """Nothing will ever happen here again."""
        entry = connection.last
        what = str(entry.operation()) if entry is not None else f"what comes from {connection.host}"
        where = f" at {connection.where}" if connection.where else ""
        self.stuck = f"{what} would wait for ever{where}: the far end is silent, and the socket has no time limit"
        self._stuck_for_ever(self.stuck)

    def time_out(self, sock: socket.socket, doing: Doing, *, tls: bool = False) -> NoReturn:
        """The time limit passes; where there is none, the system gives up after a while."""
        limit = sock.gettimeout()
        if limit is None:
            self._advance(failures.CONNECT_SECONDS)
        elif limit:
            self._advance(limit)
            raise failures.out_of_time(doing, tls=tls)
        raise failures.no_answer()

    def look_up_in_vain(self) -> NoReturn:
        """Nobody answers who knows names."""
        self._advance(failures.LOOKUP_SECONDS)
        raise failures.no_resolver()

    # ------------------------------------------------------------------ below an SSLObject

    def pass_down(self, connection: Connection, sock: socket.socket) -> bool:
        """Encrypted bytes are on their way out; gives whether they are only believed to be sent."""
        if connection.fate == "answered":
            return True
        return self.fail_to_send(connection, sock, connection.fate)

    def pass_up(self, connection: Connection, sock: socket.socket, size: int, shape: Shape[T], *, waits: bool) -> T:
        """Encrypted bytes are asked for on a connection that is no longer one."""
        fate = connection.fate
        if fate == "answered":
            # Whoever receives something asks the SSLObject what it means; and that gives the made-up answer.
            data, connection.told = (b"" if connection.told else _PART_OF_A_RECORD[:size]), True
            return shape.give(data)
        return self.receive_nothing(connection, sock, fate or "closed", size, shape, waits=waits)
