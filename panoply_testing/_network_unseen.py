"""Finds the connections that a process has made past Python's socket objects, as drivers written in C do.

What such a connection carries cannot be seen, let alone broken. So all that can be said is that it is there, or was.
"""

from __future__ import annotations

import os
import socket
import stat
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

__all__ = ["Ended", "Unseen", "leads_away"]

# Where Linux shows what a process has open, and which processes it has started. Elsewhere psutil finds it out, in a slower way.
_OPEN: Final = Path("/proc/self/fd")
_THREADS: Final = Path("/proc/self/task")

# Where it lists the TCP connections of the whole machine, and the state of one that was closed on this side, for a minute.
_TABLES: Final = (Path("/proc/self/net/tcp"), Path("/proc/self/net/tcp6"))
_CLOSED: Final = "06"


class Unseen:
    """Looks for connections, and remembers which it need not look at again.

    Args:
        seen: the descriptors of the connections that were seen while they were made.
        host: an address, as people write it.
    """

    def __init__(self, seen: Callable[[], Iterable[int]], host: Callable[[Any], str]) -> None:
        self._seen = seen
        self._host = host
        # What was open before the source was there is not its own.
        self._others = set((_sockets() or {}).values())
        # Whom each of the source's own is connected to; empty: nobody that it went to. Asking anew takes tens of milliseconds,
        # and a connection stays what it is.
        self._met: dict[str, str] = {}

    def look(self) -> tuple[str, ...]:
        """The addresses that this process and its children are connected to, unseen."""
        found = {*self._of_this_process(), *self._of_children()}
        return tuple(sorted(found))

    def _of_this_process(self) -> set[str]:
        sockets, seen = _sockets(), set(self._seen())
        if sockets is not None:
            left = set(sockets.values()) - self._others - {sockets[each] for each in seen if each in sockets}
            if left <= self._met.keys():
                return {self._met[each] for each in left} - {""}
        else:
            sockets = {}
        import psutil  # noqa: PLC0415 - only for a process that has something to be found

        connections = _connections_of(psutil.Process())
        doors = {each.laddr.port for each in connections if each.status == psutil.CONN_LISTEN}
        found = set()
        for each in connections:
            if each.fd in seen or sockets.get(each.fd) in self._others:
                continue
            # Through a door, somebody has come to this process.
            host = self._host(tuple(each.raddr)) if each.raddr and each.laddr.port not in doors else ""
            if host:
                found.add(host)
            if each.fd in sockets:
                self._met[sockets[each.fd]] = host
        if sockets:
            # What is not connected over TCP now will hardly be later: a pair of sockets, or one that waits for visitors.
            remote = {each.fd for each in connections}
            self._others |= {inode for fd, inode in sockets.items() if fd not in remote and fd not in seen}
        return found

    def _of_children(self) -> set[str]:
        if _THREADS.exists() and not _has_children():
            return set()
        import psutil  # noqa: PLC0415 - as above

        found = set()
        for child in psutil.Process().children(recursive=True):
            try:
                connections = _connections_of(child)
                sockets = _sockets(child.pid) or {}
            except psutil.Error:  # it has ended meanwhile
                continue
            found |= {
                self._host(tuple(each.raddr))
                for each in connections
                if each.raddr and sockets.get(each.fd) not in self._others
            }
        return found


class Ended:
    """Finds the far ends of connections that were closed lately, on this machine: nobody knows any more by whom.

    Args:
        host: an address, as people write it.
    """

    def __init__(self, host: Callable[[Any], str]) -> None:
        self._host = host
        self._known = _closed()

    def look(self) -> tuple[str, ...]:
        """Those of connections that have been closed since the last time."""
        known, self._known = self._known, _closed()
        return tuple(sorted({self._host(_address(remote)) for _, remote in self._known - known}))


def _closed() -> set[tuple[str, str]]:
    """Both ends of each, as the system writes them."""
    found = set()
    for table in _TABLES:
        try:
            lines = table.read_text(encoding="ascii").splitlines()
        except OSError:  # another system
            continue
        found |= {(words[1], words[2]) for words in map(str.split, lines) if words[3:4] == [_CLOSED]}
    return found


def _address(written: str) -> tuple[str, int]:
    """An address that is written as hexadecimal words of 32 bits, each in the order of this machine."""
    host, _, port = written.partition(":")
    words = [int(host[at : at + 8], 16).to_bytes(4, sys.byteorder) for at in range(0, len(host), 8)]
    family = socket.AF_INET if len(words) == 1 else socket.AF_INET6
    return socket.inet_ntop(family, b"".join(words)), int(port, 16)


def leads_away(descriptor: int) -> bool:
    """Whether this is a connection to somewhere else, or is about to become one."""
    try:
        if not stat.S_ISSOCK(os.fstat(descriptor).st_mode):
            return False
        sock = socket.socket(fileno=os.dup(descriptor))
    except OSError:  # it is gone
        return False
    with sock:
        try:
            if sock.type != socket.SOCK_STREAM or sock.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN):
                return False
            # A pair of sockets, by which a process talks to itself, has no path.
            is_local = sock.family == socket.AF_UNIX
            return bool(sock.getpeername()) if is_local else sock.family in {socket.AF_INET, socket.AF_INET6}
        except OSError:
            return False


def _sockets(pid: int | None = None) -> dict[int, str] | None:
    """The sockets that a process has open: by descriptor, what tells one from all others. None if it cannot be told."""
    folder = _OPEN if pid is None else Path(f"/proc/{pid}/fd")
    found = {}
    try:
        descriptors = os.listdir(folder)  # noqa: PTH208 - a hundred paths would take ten times as long
    except OSError:
        return None
    for each in descriptors:
        try:
            target = os.readlink(f"{folder}/{each}")  # noqa: PTH115 - as above
        except OSError:  # it was the one by which the folder was read
            continue
        if target.startswith("socket:"):
            found[int(each)] = target
    return found


def _has_children() -> bool:
    for thread in _THREADS.iterdir():
        try:
            if (thread / "children").read_bytes():
                return True
        except FileNotFoundError:  # a thread that has ended, or a kernel that does not tell
            return thread.exists()
    return False


def _connections_of(process: Any) -> list[Any]:
    # psutil renamed it in version 6.
    ask = getattr(process, "net_connections", None) or process.connections
    return list(ask(kind="tcp"))
