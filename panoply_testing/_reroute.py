"""Which params have to be others, so that a source connects to this machine instead of to its far end.

A native driver cannot be listened to, but it goes where its params send it. Pure: names are looked up by whoever calls.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from panoply.config import names_a_credential
from panoply_testing._locators import LOCAL, USUAL_PORTS, is_host, relocated

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

__all__ = ["Rerouted", "declared_ports", "named", "rerouted"]

_HOST_WORDS: Final = (
    *("address", "addr", "broker", "brokers", "endpoint", "host", "hostaddr", "hostname", "hosts", "ip"),
    *("node", "nodes", "server", "servername", "servers"),
)
_PORT_WORDS: Final = ("port", "ports")

# What a name may have besides, without meaning anything else by it: "host_name", "port_number".
_IDLE_WORDS: Final = frozenset(["name", "number", "no", "nr"])

_WORDS: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")

_ADVICE: Final = (
    "Have the source take the host and the port from its params (a param for each, or a URL or DSN with both), and give them "
    "as they are: a name or an address, and a number."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rerouted:
    """What became of a source's params.

    Attributes:
        params: a copy with other hosts and ports in it; where nothing could be done, it is equal to what was given.
        changed: the params that have changed, "host", "connections[0].port".
        reached: the addresses to which no connection will be made any more.
        reason: why the others stay as they are, and how that can be mended. Empty: there are no others.
    """

    params: dict[str, Any] = field(repr=False)
    changed: tuple[str, ...] = ()
    reached: tuple[str, ...] = ()
    reason: str = ""


def rerouted(
    params: Mapping[str, Any],
    ports: Mapping[str, int],
    resolve: Callable[[str], Iterable[str]],
    declared: Mapping[str, type] = MappingProxyType({}),
) -> Rerouted:
    """Params with which the source connects to this machine.

    Args:
        params: what the source gets. Neither they nor anything in them is changed.
        ports: for each address of a far end, "10.0.0.5:5432" or "db:5432", the port of this machine that stands for it.
        resolve: gives the addresses of a name. It is only asked for what stands in the place of a host.
        declared: the names of the ports that the source knows, and their types (`declared_ports`).
    """
    # Strictly first, by addresses. A name may have others by now than when the connection was made: then the port decides,
    # if only one place names it.
    attempt = _Attempt(ports, resolve, declared)
    new = attempt.edited(params)
    for address in ports:
        if address not in attempt.reached and (len(ports) == 1 or address not in attempt.shared):
            guess = _Attempt({address: ports[address]}, resolve, declared, by_port=True)
            guessed = guess.edited(new)
            if guess.hits == 1:
                new = guessed
                attempt.reached.add(address)
                attempt.changed |= guess.changed
    left = [address for address in ports if address not in attempt.reached]
    return Rerouted(
        params=new,
        changed=tuple(attempt.changed),
        reached=tuple(address for address in ports if address in attempt.reached),
        reason=" ".join(attempt.reason(address) for address in left),
    )


def named(
    params: Mapping[str, Any], addresses: Iterable[str], resolve: Callable[[str], Iterable[str]]
) -> tuple[str, ...]:
    """Those of the addresses whose host and port the params name, each beyond doubt.

    Args:
        params: what the source gets.
        addresses: "10.0.0.5:5432".
        resolve: as above.
    """
    found = []
    for address in addresses:
        attempt = _Attempt({address: 1}, resolve, {})
        attempt.edited(params)
        if address in attempt.reached:
            found.append(address)
    return tuple(found)


def declared_ports(config: object) -> dict[str, type]:
    """The params for a port that a CONFIG declares, with the type that the source gets there."""
    entries = config.get("params") if isinstance(config, dict) else None
    return {
        entry["name"]: str if entry.get("type") in ("text", "string") else int
        for entry in (entries if isinstance(entries, list) else ())
        if isinstance(entry, dict)
        and isinstance(entry.get("name"), str)
        and _stem(entry["name"], _PORT_WORDS) is not None
    }


class _Attempt:
    """One way through the params.

    Attributes:
        changed: paths of params, in order. `reached`: addresses. `hits`: how many places named one of them.
        shared: for an address whose port is that of other hosts too, the param that holds it.
    """

    def __init__(
        self,
        ports: Mapping[str, int],
        resolve: Callable[[str], Iterable[str]],
        declared: Mapping[str, type],
        *,
        by_port: bool = False,
    ) -> None:
        self._known: dict[str, frozenset[str]] = {}
        self._far = {address: _parted(address) for address in ports}
        self._ports = ports
        self._resolve = resolve
        self._declared = declared
        self._by_port = by_port
        self._portless: dict[str, str] = {}
        self.shared: dict[str, str] = {}
        self.changed: dict[str, None] = {}
        self.reached: set[str] = set()
        self.hits = 0

    def edited(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """A copy, with what can be changed."""
        return self._dict(params, "")

    def reason(self, address: str) -> str:
        """Why a connection is made as before."""
        _, port = self._far[address]
        if address in self._portless:
            return (
                f"The param {self._portless[address]} names the host of {address}, and none its port: declare a param for the "
                f'port in CONFIG, such as {{"name": "port"}}, let the source connect to it, and give it ({port}).'
            )
        if address in self.shared:
            return (
                f"The param {self.shared[address]} is the port of more than one host, so that {address} cannot be put "
                "elsewhere alone: write each host with its own port, as in db:5432."
            )
        return f"No param names the host and the port of {address}. {_ADVICE}"

    # ------------------------------------------------------------------ whom a text means

    def _meant(self, host: str, port: int | None, usual: int | None = None) -> str | None:
        """The far end that a host and a port stand for."""
        able = [address for address, (_, number) in self._far.items() if port in (None, number)]
        if not able:
            return None
        if self._by_port:
            # An address is what it is; only a name may be another machine tomorrow.
            return able[0] if port is not None and _canonical(host) is None else None
        addresses = self._addresses(host)
        able = [address for address in able if addresses & self._addresses(self._far[address][0])]
        if len(able) > 1:
            able = [address for address in able if self._far[address][1] == usual]
        return able[0] if able else None

    def _addresses(self, host: str) -> frozenset[str]:
        literal = _canonical(host)
        if literal is not None:
            return frozenset([literal])
        if host not in self._known:
            # A name is its own even where nobody knows it any more.
            self._known[host] = frozenset([host, *filter(None, map(_canonical, self._resolve(host)))])
        return self._known[host]

    def _take(self, address: str, *paths: str) -> int:
        self.hits += 1
        self.reached.add(address)
        self.changed.update(dict.fromkeys(paths))
        return self._ports[address]

    # ------------------------------------------------------------------ the params

    def _any(self, value: Any, path: str, *, bare: bool = True) -> Any:
        if isinstance(value, dict):
            return self._dict(value, path)
        if isinstance(value, list | tuple):
            items = [self._any(inner, f"{path}[{index}]", bare=bare) for index, inner in enumerate(value)]
            return items if isinstance(value, list) else tuple(items)
        return self._text(value, path, bare=bare) if isinstance(value, str) else value

    def _text(self, text: str, path: str, *, bare: bool) -> str:
        def lead(host: str, port: int | None, usual: int | None = None) -> int | None:
            if port is None and usual is not None and usual not in (number for _, number in self._far.values()):
                return None  # another service's URL: its host is nobody's business
            address = self._meant(host, port, usual)
            return None if address is None else self._take(address, path)

        return relocated(text, lead, bare=bare)

    def _dict(self, given: Mapping[str, Any], path: str) -> dict[str, Any]:
        new = {
            key: self._any(value, _inner(path, key), bare=not (isinstance(key, str) and names_a_credential(key)))
            for key, value in given.items()
        }
        hosts = _roles(given, _HOST_WORDS, _is_host_or_hosts)
        ports = _roles(given, _PORT_WORDS, _port_of)
        for key, stem in hosts.items():
            beside = [name for name, its in ports.items() if its == stem]
            # "server" and "db_port", where there are no others.
            beside = beside or (list(ports) if len(hosts) == len(ports) == 1 else [])
            if beside:
                self._pair(new, key, beside[0], path)
            elif not self._by_port:
                self._alone(new, key, stem, path)
        return new

    def _pair(self, new: dict[str, Any], key: str, port_key: str, path: str) -> None:
        """A param for the host, and one for the port."""
        port = _port_of(new[port_key])
        hosts = new[key] if isinstance(new[key], list) else [new[key]]
        meant = [self._meant(str(host).strip(), port) for host in hosts]
        addresses = set(filter(None, meant))
        if not addresses:
            return
        if None in meant or len(addresses) > 1:
            self.shared.update(dict.fromkeys(addresses, _inner(path, port_key)))
            return
        (address,) = addresses
        local = self._take(address, _inner(path, key), _inner(path, port_key))
        new[key] = [LOCAL] * len(hosts) if isinstance(new[key], list) else LOCAL
        new[port_key] = type(new[port_key])(local)

    def _alone(self, new: dict[str, Any], key: str, stem: tuple[str, ...], path: str) -> None:
        """A param for the host only: the driver knows its usual port by itself."""
        hosts = new[key] if isinstance(new[key], list) else [new[key]]
        # Names are looked up only for a port that a driver takes without being told.
        usual = [address for address, (_, port) in self._far.items() if port in USUAL_PORTS.values()]
        literal = any(_canonical(str(host).strip()) is not None for host in hosts)
        addresses = {self._meant(str(host).strip(), None) for host in hosts} if usual or literal else set()
        if len(addresses) != 1 or None in addresses:
            return
        (address,) = filter(None, addresses)
        names = [name for name in self._declared if not path and _stem(name, _PORT_WORDS) == stem]
        if not names or new.get(names[0]) not in (None, ""):
            self._portless[address] = _inner(path, key)
            return
        local = self._take(address, _inner(path, key), names[0])
        new[key] = [LOCAL] * len(hosts) if isinstance(new[key], list) else LOCAL
        new[names[0]] = self._declared[names[0]](local)


def _roles(
    given: Mapping[str, Any], words: tuple[str, ...], fits: Callable[[Any], object]
) -> dict[str, tuple[str, ...]]:
    """The params whose names say that they are one of these, and what else the names say."""
    stems = {key: _stem(key, words) for key, value in given.items() if isinstance(key, str) and fits(value)}
    return {key: stem for key, stem in stems.items() if stem is not None}


def _stem(name: str, words: tuple[str, ...]) -> tuple[str, ...] | None:
    """What is left of a name without the word for what it is: ("db",) of "db_host", "dbHost" and "dbhost"."""
    parts = [part.lower() for part in _WORDS.findall(name)]
    left = [part for part in parts if part not in words and part not in _IDLE_WORDS]
    if any(part in words for part in parts):
        return tuple(left)
    for word in sorted(words, key=len, reverse=True):
        # Short ones are the end of too many others: "zip", "import".
        if left and len(word) > 2 and left[-1].endswith(word):
            return (*left[:-1], left[-1].removesuffix(word))
    return None


def _is_host_or_hosts(value: Any) -> bool:
    if isinstance(value, list):
        return bool(value) and all(isinstance(each, str) and is_host(each.strip()) for each in value)
    return isinstance(value, str) and is_host(value.strip())


def _port_of(value: Any) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, str) and value.strip().isdecimal():
        value = int(value)
    return value if isinstance(value, int) and 0 < value < 65536 else None


def _parted(address: str) -> tuple[str, int]:
    host, _, port = address.rpartition(":")
    return _canonical(host) or host, int(port)


def _canonical(host: str) -> str | None:
    """An address in the one form in which it can be compared; None: it is none."""
    try:
        address = ipaddress.ip_address(host.strip("[]").partition("%")[0])
    except ValueError:
        return None
    mapped = getattr(address, "ipv4_mapped", None)
    return str(mapped or address)


def _inner(path: str, key: object) -> str:
    return f"{path}.{key}" if path else str(key)
