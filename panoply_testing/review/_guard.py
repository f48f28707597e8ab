"""Keeps a process, and those that it starts, away from the network: only this machine can be reached.

A review writes this file into a folder of its own as `sitecustomize.py`, which Python imports before anything else; so it
needs nothing but the standard library. What is refused is written down, with the test that was running. It is there to
find tests that need a network, and to keep an honest source from somebody else's account; it is no sandbox for a hostile one.
"""

from __future__ import annotations

import os
import sys

__all__ = ["is_local"]

# The names of environment variables: the files for what was refused, and for what was not; what pytest says is running.
HEARD = "PANOPLY_REVIEW_REFUSED"
REACHED = "PANOPLY_REVIEW_REACHED"
RUNNING = "PYTEST_CURRENT_TEST"

_NAMES = frozenset({"", "localhost", "localhost.localdomain", "ip6-localhost", "ip6-loopback", "0.0.0.0", "::"})  # noqa: S104 - compared


def is_local(host: object) -> bool:
    """Whether a host's name or address is this machine's."""
    if host is None:
        return True
    if isinstance(host, bytes | bytearray):
        host = bytes(host).decode("utf-8", "replace")
    name = str(host).strip().rstrip(".").lower()
    if name in _NAMES or name.endswith(".localhost") or name in _own_names():
        return True
    import ipaddress

    try:
        address = ipaddress.ip_address(name.partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback or (mapped or address).is_unspecified


def _own_names() -> set[str]:
    import socket

    return {socket.gethostname().lower()}


def _refuse(host: object, port: object, event: str) -> None:
    import json
    import socket

    said = {"host": str(host), "port": str(port), "event": event, "test": os.environ.get(RUNNING, "")}
    _write(HEARD, json.dumps(said))
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        import errno

        raise OSError(errno.ENETUNREACH, "Network is unreachable: in a review only this machine can be reached")
    raise socket.gaierror(socket.EAI_NONAME, "Name or service not known: in a review only this machine can be reached")


# The files, open from the start: opened later, they would be taken for something that the source has opened.
_open: dict[str, tuple[int, tuple[int, int]]] = {}


def _prepare(variable: str) -> None:
    file = os.environ.get(variable, "")
    if file:
        number = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        _open[variable] = number, _identity(number)


def _identity(number: int) -> tuple[int, int]:
    told = os.fstat(number)
    return told.st_dev, told.st_ino


def _write(variable: str, line: str) -> None:
    if variable not in _open:
        return
    number, identity = _open[variable]
    try:
        is_ours = _identity(number) == identity
    except OSError:
        is_ours = False
    if not is_ours:
        # Who makes a daemon closes all that is open, and the number may be somebody else's now.
        _prepare(variable)
    os.write(_open[variable][0], f"{line}\n".encode())


_reached: set[str] = set()


def _note(host: object) -> None:
    """Note a host of this machine's that is connected to, once for each process."""
    name = str(host)
    if name not in _reached:
        _reached.add(name)
        import json

        _write(REACHED, json.dumps({"host": name}))


def _hook(event: str, args: tuple[object, ...]) -> None:
    if not event.startswith("socket."):
        return
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        address = args[1] if len(args) > 1 else None
        # A path is a socket of this machine's; without an address, it is connected already.
        if isinstance(address, tuple) and address:
            if not is_local(address[0]):
                _refuse(address[0], address[1] if len(address) > 1 else "", event)
            if event == "socket.connect":
                _note(address[0])
    elif (
        event in ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr")
        and args
        and not is_local(args[0])
    ):
        _refuse(args[0], args[1] if len(args) > 1 else "", event)


if __name__ == "sitecustomize":
    _prepare(HEARD)
    _prepare(REACHED)
    sys.addaudithook(_hook)
