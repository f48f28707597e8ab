"""Puts the wire below the look-up of names: by the functions of `socket`, and by those that others keep of them."""

from __future__ import annotations

import _socket
import socket
import sys
import threading
from typing import TYPE_CHECKING, Any, Final

from panoply_testing import _network_failures as failures
from panoply_testing._network_connections import is_number
from panoply_testing._network_ledger import Entry

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

    from panoply_testing._network_wire import Wire

__all__ = ["Lookups"]

_FUNCTIONS: Final = ("getaddrinfo", "gethostbyname", "gethostbyname_ex", "gethostbyaddr", "getnameinfo")

# What asks for an address by an address, so that somebody has to be asked even for a number.
_BACKWARDS: Final = frozenset({"gethostbyaddr", "getnameinfo"})


class Lookups:
    """The look-ups of this process."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        self._inside = threading.local()

    def begin(self, host: Any, function: str, frame: FrameType) -> None:
        """Count one.

        Raises:
            OSError: it fails.
        """
        entry = Entry(number=0, kind="lookup", host=_name(host), where=self._wire.lines.at(frame))
        kind = self._wire.ledger.begin(entry)
        if kind is None:
            return
        self._wire.ledger.hit(entry, kind)
        if kind == "silent":
            self._wire.look_up_in_vain()
        raise failures.unknown_host(function)

    def put_below(self) -> None:
        """Replace the functions, for the rest of this process."""
        replaced: dict[int, Any] = {}
        for name in _FUNCTIONS:
            function = getattr(socket, name)
            replaced[id(function)] = (function, self._watched(name, function))
        # By this one also those reach a name server who have taken `socket.getaddrinfo` into a place of their own.
        _socket.getaddrinfo = self._watched("getaddrinfo", _socket.getaddrinfo)
        for module in list(sys.modules.values()):
            space = getattr(module, "__dict__", None)
            if not isinstance(space, dict) or module is _socket:
                continue
            for name in _FUNCTIONS:
                found = replaced.get(id(space.get(name)))
                if found is not None:
                    space[name] = found[1]

    def _watched(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        wire, inside = self._wire, self._inside

        def watched(*args: Any, **kwargs: Any) -> Any:
            host = args[0] if args else kwargs.get("host")
            if wire.quiet or getattr(inside, "flag", False) or not _asks_somebody(name, args, kwargs):
                return function(*args, **kwargs)
            inside.flag = True
            try:
                self.begin(host[0] if isinstance(host, tuple) else host, name, sys._getframe(1))  # noqa: SLF001 - who called
                result = wire.waiting(lambda: function(*args, **kwargs))
            finally:
                inside.flag = False
            self._learn(name, host, result)
            return result

        watched.__name__ = watched.__qualname__ = name
        return watched

    def _learn(self, function: str, host: Any, result: Any) -> None:
        if function in _BACKWARDS:
            return
        if function == "getaddrinfo":
            addresses = [each[4][0] for each in result]
        else:
            addresses = [result] if isinstance(result, str) else result[2]
        for address in addresses:
            self._wire.names.learn(_name(host), address)


def _name(host: Any) -> str:
    return bytes(host).decode("ascii", "replace") if isinstance(host, bytes | bytearray) else str(host)


def _asks_somebody(function: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> bool:
    """Whether a name server may be asked. A number is turned into an address, and the other way round, right here."""
    if function == "getnameinfo":
        return len(args) < 2 or not args[1] & socket.NI_NUMERICHOST
    if function == "gethostbyaddr":
        return True
    flags = args[5] if len(args) > 5 else kwargs.get("flags", 0)
    return not is_number(args[0] if args else kwargs.get("host")) and not flags & socket.AI_NUMERICHOST
