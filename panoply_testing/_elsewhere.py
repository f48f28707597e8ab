"""The other host that a redirect sends a source to: an address of this machine's, and what is sent there.

Nobody listens behind it. The wire sees what a source says to it, and answers in its place.
"""

from __future__ import annotations

import _socket
import contextlib
import re
from typing import TYPE_CHECKING, Any, Final

from panoply_testing._http_bytes import NOT_FOUND, redirect_to
from panoply_testing._redirects import redirected

if TYPE_CHECKING:
    from panoply_testing._network_connections import Connection
    from panoply_testing._network_ledger import Entry
    from panoply_testing._redirects import Redirect, Redirected
    from panoply_testing.secrets import Credentials

__all__ = ["Elsewhere"]

# A source that is told again and again that nothing is there may ask for ever.
MOST_VISITS: Final = 20

_HOST: Final = re.compile(rb"(?i)\r?\nHost:[ \t]*(?:localhost|\[?::1)")
_TARGET: Final = re.compile(rb"[A-Z]+ (?:https?://[^/?\s]*)?([^\s]*) ")


class Elsewhere:
    """Another host, and the one redirect that leads to it.

    Args:
        redirect: at which operation, and with which status.
    """

    def __init__(self, redirect: Redirect) -> None:
        self._redirect = redirect
        # Not by `socket.socket`, which is watched. Whoever connects is let in by the system.
        self._listeners = [_listener(_socket.AF_INET, "127.0.0.1", 0)]
        self._port: int = self._listeners[0].getsockname()[1]
        with contextlib.suppress(OSError):
            # "localhost" may be either.
            self._listeners.append(_listener(_socket.AF_INET6, "::1", self._port))
        self._met: tuple[Entry, Connection] | None = None
        self._visits: list[Connection] = []

    def answer(self, entry: Entry, connection: Connection, data: object) -> bytes | None:
        """The answer to what begins to be sent, where it is not for the far end to give; keeps from then on what is sent."""
        if self._is_here(connection) or self._is_asked_for(entry.request):
            if len(self._visits) < MOST_VISITS:
                connection.kept = bytearray()
                self._visits.append(connection)
            return NOT_FOUND
        # Where threads ask for several things at once, the number may be another operation's this time.
        if self._met is not None or entry.number < self._redirect.at or not entry.request:
            return None
        connection.kept = bytearray()
        self._met = (entry, connection)
        head = bytes(memoryview(data))  # type: ignore[arg-type]
        # Another name for this machine than the one that the far end has.
        host = "127.0.0.1" if _HOST.search(head) else "localhost"
        target = _TARGET.match(head)
        # As most do, it keeps the path and the query.
        path = target[1].decode("latin-1") if target is not None else ""
        location = f"http://{host}:{self._port}{path if path.startswith('/') else f'/{path}'}"
        return redirect_to(self._redirect.status, location)

    def told(self, credentials: Credentials) -> Redirected | None:
        """What came of it; None: the request was never sent."""
        if self._met is None:
            return None
        entry, connection = self._met
        arrived = [bytes(each.kept or b"") for each in self._visits]
        return redirected(
            self._redirect,
            entry.operation(),
            asked=bytes(connection.kept or b""),
            encrypted=connection.secured or connection.wrapped,
            arrived=arrived,
            credentials=credentials,
        )

    def _is_here(self, connection: Connection) -> bool:
        address: Any = connection.address or connection.peer
        return isinstance(address, tuple) and len(address) > 1 and address[1] == self._port

    def _is_asked_for(self, request: str) -> bool:
        """Whether a proxy is asked for it."""
        return re.search(rf"^[A-Z]+ http://(?:localhost|127\.0\.0\.1):{self._port}(?:/|$)", request) is not None


def _listener(family: int, host: str, port: int) -> _socket.socket:
    listener = _socket.socket(family, _socket.SOCK_STREAM)
    listener.bind((host, port))
    listener.listen(128)
    return listener
