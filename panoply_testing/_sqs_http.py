"""A web server on loopback that can be cut off and come back on the same port. Werkzeug's, which flask brings along."""

from __future__ import annotations

import contextlib
import os
import socket
import threading
from typing import TYPE_CHECKING, Any

from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler

if TYPE_CHECKING:
    from collections.abc import Iterator
    from wsgiref.types import WSGIApplication, WSGIEnvironment

__all__ = ["Listener"]

# How soon the server notices that it shall stop.
POLL_SECONDS = 0.05

# How long a request that was cut off may still take, which is moto's work on one message.
LAST_SECONDS = 30

# How many connections may wait to be taken in. Senders with many threads are what is tested here.
BACKLOG = 128


class _Handler(WSGIRequestHandler):
    """Werkzeug's, without a word to the test session."""

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - as werkzeug calls it
        """Leave the test session's log alone."""

    def connection_dropped(self, error: BaseException, environ: WSGIEnvironment | None = None) -> None:  # noqa: ARG002
        """Likewise, where a client goes away or is cut off on demand. Nothing more is to be read from it."""
        self.close_connection = True


class _Server(ThreadedWSGIServer):
    """Werkzeug's, which knows its connections, so that they can be cut and their threads be waited for."""

    def __init__(self, listening: socket.socket, app: WSGIApplication) -> None:
        host, port = listening.getsockname()
        # Werkzeug takes a copy of the socket.
        super().__init__(host, port, app, _Handler, fd=listening.fileno())
        self._lock = threading.Lock()
        self._connections: dict[threading.Thread, socket.socket] = {}

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        thread = threading.current_thread()
        with self._lock:
            self._connections[thread] = request
        try:
            super().process_request_thread(request, client_address)
        finally:
            with self._lock:
                self._connections.pop(thread)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Be silent about a connection that broke: it was meant to, or it is the sender's to tell."""

    def cut(self) -> None:
        """Cut every connection, and wait for the threads that served them."""
        with self._lock:
            connections = dict(self._connections)
            for connection in connections.values():
                with contextlib.suppress(OSError):  # it has gone already
                    connection.shutdown(socket.SHUT_RDWR)
        for thread in connections:
            thread.join(LAST_SECONDS)


class Listener:
    """A port of its own, on which an application is served from `up()` to `close()`."""

    def __init__(self) -> None:
        self._reserved = _bound(("127.0.0.1", 0))
        self._address: tuple[str, int] = self._reserved.getsockname()
        self._app: WSGIApplication | None = None
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        self._downs = 0

    @property
    def url(self) -> str:
        """Where it is, also while it is down."""
        return f"http://{self._address[0]}:{self._address[1]}"

    def up(self, app: WSGIApplication) -> None:
        """Take connections, and let an application answer."""
        self._app = app
        self._reserved.listen(BACKLOG)
        self._server = _Server(self._reserved, app)
        self._reserved.close()
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(POLL_SECONDS,), name="FakeSQS", daemon=True
        )
        self._thread.start()

    @contextlib.contextmanager
    def down(self) -> Iterator[None]:
        """Refuse connections and cut those that there are, for a while. The port stays reserved."""
        with self._lock:
            self._downs += 1
            if self._downs == 1:
                self._fall()
        try:
            yield
        finally:
            with self._lock:
                self._downs -= 1
                if self._downs == 0 and self._app is not None:
                    self.up(self._app)

    def close(self) -> None:
        """Take no connections any more, also after a `down()` that is still to end."""
        self._app = None
        self._stop()
        self._reserved.close()

    def _fall(self) -> None:
        if _SHARES_PORTS:
            # Bound before the other is closed, so that nobody else can take the port in between. As it does not listen,
            # the system refuses connections.
            self._reserved = _bound(self._address)
            self._stop()
        else:
            self._stop()
            self._reserved = _bound(self._address)

    def _stop(self) -> None:
        server, thread = self._server, self._thread
        self._server = self._thread = None
        if server is None or thread is None:
            return
        server.shutdown()
        thread.join()  # at its end, it closes the socket
        server.cut()


_SHARES_PORTS = os.name == "posix" and hasattr(socket, "SO_REUSEPORT")


def _bound(address: tuple[str, int]) -> socket.socket:
    bound = socket.socket()
    if os.name == "posix":  # elsewhere, this would let other programs have the port
        # Connections of before may still be on their way out.
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if _SHARES_PORTS:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    bound.bind(address)
    return bound
