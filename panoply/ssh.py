"""A way through an SSH server to what stands behind it, such as a database: `SSHTunnel`.

The SSH connection, and the port that leads into it, live on an event loop in a thread of their own; this is the only module
that knows asyncssh. No credential is in any `repr`, message or log of its.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Self

from panoply.errors import IncorrectParamError, MissingExtra, TunnelError

if TYPE_CHECKING:
    import asyncio
    from types import ModuleType, TracebackType

__all__ = ["SSHTunnel", "TunnelServer"]

# Seconds. Reaching the server and being let in takes a second or two, or something is wrong.
CONNECT_TIMEOUT: Final = 30.0
# A server that is silent for three of these is gone.
KEEPALIVE: Final = 30.0
# What the server gets to say good-bye.
CLOSE_TIMEOUT: Final = 5.0


class SSHTunnel:
    r"""Leads from a port on this machine through an SSH server to `host:port`, as that server sees it.

    ::

        with panoply.SSHTunnel("db.internal", 5432, source["tunnel"], platform_ssh=False) as server:
            connection = connect(host=server.local_bind_host, port=server.local_bind_port)

    It is open when it is made; without `with`, call `close()`, as often as you like.

    The server's identity is checked only if `ssh_tunnel` has a `hostKey`. Without it, any server that answers there is
    believed, as SDK 3.x did: the far end then gets what the tunnel carries, and a password that is tried on it. Neither
    `~/.ssh` (known hosts, keys, configuration) nor an SSH agent plays a part: a source runs the same on every machine.

    Args:
        host: where to, as the SSH server sees it; `127.0.0.1` is the server itself.
        port: which port there.
        ssh_tunnel: what the user chose:

            `active`
                true; a source whose user wants no tunnel makes none
            `host`, `port`, `username`
                of the SSH server; the port is 22 by default
            `privateKey`
                as text, in any of OpenSSH's and PEM's forms. Line breaks may have got lost on the way, or be written `\n`
            `passphrase`
                of that key; by default the `password`
            `password`
                of the user, instead of a key or besides it
            `hostKey`
                the server's public key as `ssh-keyscan` prints it, the only one that is accepted then
        platform_ssh: the platform has a tunnel of its own, and nothing is to be done here: `server` is None.

    Raises:
        IncorrectParamError: something is missing from `ssh_tunnel`, or cannot be right.
        TunnelError: the server cannot be reached, is not the right one, or does not let us in.
        MissingExtra: the extra `ssh` is not installed.
    """

    def __init__(self, host: str, port: int, ssh_tunnel: Mapping[str, Any], platform_ssh: bool = True) -> None:  # noqa: FBT001, FBT002 - as published
        self.host = host
        self.port = _port(port)
        self.tunnel = _tunnel(ssh_tunnel)
        self._server: TunnelServer | None = None
        if not platform_ssh:
            self._server = TunnelServer(_Way.parse(self.tunnel, self.host, self.port))
            self._server.start()

    @property
    def server(self) -> TunnelServer | None:
        """The near end of the tunnel; None where the platform has one."""
        return self._server

    def close(self) -> None:
        """Close the tunnel, and all connections through it. May be called again."""
        if self._server is not None:
            self._server.stop()

    def __enter__(self) -> TunnelServer | None:
        return self._server

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def __str__(self) -> str:
        return f"SSH tunnel to {self.tunnel['host']}, for user {self.tunnel['username']}"

    def __repr__(self) -> str:
        return f"<{self} at {id(self):#x}>"


class TunnelServer:
    """The near end of a tunnel, on this machine's loopback only; `SSHTunnel.server` gives it.

    The names are those of the library `sshtunnel`, for which published sources were written.
    """

    def __init__(self, way: _Way) -> None:
        self._way = way
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._link: _Link | None = None
        self._port = 0

    @property
    def is_active(self) -> bool:
        """Whether the tunnel is open. One whose connection was lost is not; `restart()` opens it again."""
        return self._thread is not None and self._thread.is_alive()

    is_alive = is_active

    @property
    def local_bind_host(self) -> str:
        """Where to connect to."""
        return "127.0.0.1"

    @property
    def local_bind_port(self) -> int:
        """The port there. It stays the same when the tunnel is opened again, unless it is taken meanwhile."""
        if not self._port:
            raise TunnelError("The SSH tunnel is not open: call start().")
        return self._port

    @property
    def local_bind_address(self) -> tuple[str, int]:
        """Both, as sockets take them."""
        return self.local_bind_host, self.local_bind_port

    def start(self) -> None:
        """Open the tunnel, if it is not open.

        Raises:
            IncorrectParamError, TunnelError, MissingExtra: see `SSHTunnel`.
        """
        library = _asyncssh()
        connect = self._way.prepared(library)
        with self._lock:
            if self.is_active:
                return
            self._halt()
            self._link = link = _Link(ready=Future())
            self._thread = threading.Thread(
                target=_run, args=(link, library, connect, self._way, self._port), name="panoply-ssh", daemon=True
            )
            self._thread.start()
            try:
                self._port = link.ready.result()
            except BaseException as exc:
                self._halt()
                if isinstance(exc, (library.Error, OSError, ValueError)):
                    raise self._refused(library, exc) from exc
                raise

    def stop(self, force: bool = False) -> None:  # noqa: ARG002, FBT001, FBT002 - as published
        """Close the tunnel, and all connections through it. May be called again."""
        with self._lock:
            self._halt()

    def close(self) -> None:
        """The same as `stop()`."""
        self.stop()

    def restart(self) -> None:
        """Close the tunnel and open it anew."""
        self.stop()
        self.start()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    def __repr__(self) -> str:
        state = f"open at {self.local_bind_host}:{self._port}" if self.is_active else "closed"
        return (
            f"<{type(self).__name__} to {self._way.target_host}:{self._way.target_port} by {self._way.server}, {state}>"
        )

    def _halt(self) -> None:
        thread, link = self._thread, self._link
        self._thread = self._link = None
        if thread is not None and link is not None:
            link.stop()
            thread.join()

    def _refused(self, library: ModuleType, exc: Exception) -> TunnelError:
        for_good = isinstance(exc, (library.PermissionDenied, library.HostKeyNotVerifiable, library.KeyExchangeFailed))
        said = str(exc) or type(exc).__name__
        return TunnelError(f"SSH tunnel by {self._way.server}, as {self._way.username}: {said}", retryable=not for_good)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Way:
    """Where a tunnel leads, by which server, and what opens it."""

    target_host: str
    target_port: int
    host: str
    port: int
    username: str
    private_key: str = field(repr=False)
    passphrase: str | None = field(repr=False)
    password: str | None = field(repr=False)
    host_key: str | None

    @classmethod
    def parse(cls, tunnel: Mapping[str, Any], target_host: str, target_port: int) -> Self:
        password = tunnel.get("password") or None
        return cls(
            target_host=target_host,
            target_port=target_port,
            host=tunnel["host"],
            port=tunnel["port"],
            username=tunnel["username"],
            private_key=_pem(tunnel.get("privateKey") or ""),
            passphrase=tunnel.get("passphrase") or password,
            password=password,
            host_key=tunnel.get("hostKey") or None,
        )

    @property
    def server(self) -> str:
        return f"{self.host}:{self.port}"

    def prepared(self, library: ModuleType) -> dict[str, Any]:
        """What `asyncssh.connect` is called with."""
        keys = []
        if self.private_key:
            try:
                keys = [library.import_private_key(self.private_key, self.passphrase)]
            except (library.KeyImportError, library.KeyEncryptionError, ValueError) as exc:
                # Without its cause, which may show a part of the key.
                locked = isinstance(exc, library.KeyEncryptionError) or "passphrase" in str(exc).lower()
                why = "its passphrase is missing or wrong" if locked else "it is no private key"
                raise IncorrectParamError(f"SSH tunnel object: `privateKey` cannot be read: {why}.") from None
        known_hosts = None if self.host_key is None else (_public_keys(library, self.host_key), (), ())
        return {
            "host": self.host,
            "port": self.port,
            "username": self.username,
            "client_keys": keys or None,
            "password": self.password,
            "known_hosts": known_hosts,
            # Nothing of this machine's own.
            "config": None,
            "agent_path": None,
            "gss_host": None,
            "connect_timeout": CONNECT_TIMEOUT,
            "login_timeout": CONNECT_TIMEOUT,
            "keepalive_interval": KEEPALIVE,
        }


@dataclass(slots=True, kw_only=True)
class _Link:
    """What two threads know of an open tunnel: the one that has it, and the one that wants it closed."""

    ready: Future[int]
    loop: asyncio.AbstractEventLoop | None = None
    task: asyncio.Task[None] | None = None

    def stop(self) -> None:
        with suppress(RuntimeError):  # the loop has ended by itself
            if self.loop is not None and self.task is not None:
                self.loop.call_soon_threadsafe(self.task.cancel)


def _run(link: _Link, library: ModuleType, connect: dict[str, Any], way: _Way, wanted_port: int) -> None:
    import asyncio  # noqa: PLC0415 - only where there is a tunnel

    try:
        with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
            runner.run(_hold(link, library, connect, way, wanted_port))
    except BaseException as exc:  # noqa: BLE001 - it is raised where the tunnel is waited for
        if not link.ready.done():
            link.ready.set_exception(exc)


async def _hold(link: _Link, library: ModuleType, connect: dict[str, Any], way: _Way, wanted_port: int) -> None:
    """Open the tunnel and keep it open until it is cancelled, or the connection is lost."""
    import asyncio  # noqa: PLC0415

    link.loop, link.task = asyncio.get_running_loop(), asyncio.current_task()
    connection = await library.connect(**connect)
    try:
        try:
            listener = await connection.forward_local_port("127.0.0.1", wanted_port, way.target_host, way.target_port)
        except OSError:  # somebody else has it by now
            listener = await connection.forward_local_port("127.0.0.1", 0, way.target_host, way.target_port)
        link.ready.set_result(listener.get_port())
        await connection.wait_closed()
    finally:
        connection.close()
        try:
            async with asyncio.timeout(CLOSE_TIMEOUT):
                await connection.wait_closed()
        except TimeoutError:
            connection.abort()


def _asyncssh() -> ModuleType:
    try:
        import asyncssh  # noqa: PLC0415 - it takes half a second to import
    except ImportError as exc:
        raise MissingExtra("ssh", "panoply.SSHTunnel") from exc
    return asyncssh


def _port(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise IncorrectParamError("Port should be instance of `int`")
    if not 0 <= value <= 65535:
        raise IncorrectParamError("Port should be in range [0: 65535]")
    return value


def _tunnel(value: object) -> dict[str, Any]:
    """A copy of what the user chose, with the port as a number."""
    if not isinstance(value, Mapping):
        raise IncorrectParamError("SSH tunnel should be `dict` object")
    needed = ["active", "host", "username", *([] if value.get("password") else ["privateKey"])]
    for key in needed:
        if not value.get(key):
            raise IncorrectParamError(f"SSH tunnel object should contain `{key}` property")
    for key in ("host", "username", "password", "privateKey", "passphrase", "hostKey"):
        if not isinstance(value.get(key), str | None):
            raise IncorrectParamError(f"SSH tunnel object: `{key}` should be text")
    port = value.get("port") or 22
    if isinstance(port, str) and port.strip().isdecimal():
        port = int(port)
    return {**value, "port": _port(port)}


def _public_keys(library: ModuleType, text: str) -> list[Any]:
    """The keys of a server, from lines as `ssh-keyscan` and `known_hosts` have them: `[host] type base64 [comment]`."""
    keys = []
    for line in text.splitlines():
        words = line.split()
        # Every key begins with the length of its type's name, in four bytes.
        at = next((index for index, word in enumerate(words) if word.startswith("AAAA")), 0)
        with suppress(library.KeyImportError, ValueError):
            keys.append(library.import_public_key(" ".join(words[max(at - 1, 0) : at + 1])))
    if not keys:
        raise IncorrectParamError("SSH tunnel object: `hostKey` is no public key; expected what ssh-keyscan prints.")
    return keys


_BLOCK: Final = re.compile(r"(-----BEGIN [A-Z0-9 ]+-----)(.*?)(-----END [A-Z0-9 ]+-----)", re.DOTALL)


def _pem(key: str) -> str:
    """A private key with the line breaks that a form may have taken from it."""
    text = key.replace("\\r", "").replace("\\n", "\n").replace("\r\n", "\n").strip()
    block = _BLOCK.search(text)
    if block is None or "\n" in block[2].strip():
        return f"{text}\n" if text else ""
    body = re.sub(r"\s+", "", block[2])
    lines = [body[start : start + 64] for start in range(0, len(body), 64)]
    return "\n".join([block[1], *lines, block[3], ""])
