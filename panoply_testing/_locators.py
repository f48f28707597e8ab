"""Texts that name a host and a port: URLs, DSNs, connection strings, `db:5432`. Puts others there, and keeps all the rest.

Pure, and asks nobody: whether a host is one of those that are meant is for `Lead` to say.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

__all__ = ["LOCAL", "USUAL_PORTS", "Lead", "is_host", "relocated"]

# Where the other end is put.
LOCAL: Final = "127.0.0.1"

# The port that a driver takes where none is given, by the scheme of its URLs.
USUAL_PORTS: Final[Mapping[str, int]] = MappingProxyType(
    {
        "amqp": 5672,
        "amqps": 5671,
        "cassandra": 9042,
        "clickhouse": 9000,
        "cockroachdb": 26257,
        "ftp": 21,
        "http": 80,
        "https": 443,
        "kafka": 9092,
        "ldap": 389,
        "ldaps": 636,
        "mariadb": 3306,
        "mongodb": 27017,
        "mssql": 1433,
        "mysql": 3306,
        "oracle": 1521,
        "postgres": 5432,
        "postgresql": 5432,
        "redis": 6379,
        "rediss": 6379,
        "redshift": 5439,
        "sftp": 22,
        "snowflake": 443,
        "sqlserver": 1433,
        "ssh": 22,
        "vertica": 5433,
    }
)

# The names that connection strings have for a host, without blanks and underscores.
_HOST_KEYS: Final = frozenset(
    ["addr", "address", "datasource", "host", "hostaddr", "hostname", "networkaddress", "server", "servername"]
)
_PORT_KEYS: Final = frozenset(["port", "portnumber", "serverport"])

_HOST = r"\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?\.?"
_A_HOST: Final = re.compile(_HOST)
_ENTRY: Final = re.compile(rf"(?P<before>\s*)(?P<host>{_HOST})(?::(?P<port>[0-9]{{1,5}}))?(?P<after>(?::\w+)?\s*)")
# SQL Server's: "tcp:db,1433".
_COMMA: Final = re.compile(rf"(?P<before>(?:tcp:)?)(?P<host>{_HOST}),(?P<port>[0-9]{{1,5}})")

_OF_SQL_SERVER: Final = re.compile(r"sql server|sqlclient|sqloledb|msoledb", re.IGNORECASE)

_URL: Final = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.:-]*)://(?P<authority>[^/?#;\s\\'\"]*)")
_ADDRESS: Final = re.compile(r"\(\s*ADDRESS\s*=(?:\s*\([^()]*\))+\s*\)", re.IGNORECASE)
_IN_ADDRESS: Final = re.compile(r"\(\s*(?P<key>\w+)\s*=\s*(?P<value>[^()]*?)\s*\)")

# How the pairs of a connection string are written: each pattern takes in a quoted value as a whole, so that nothing in a
# password is taken for a host.
_SPACED: Final = re.compile(r"(?:(?<=\s)|^)(?P<key>\w+)\s*=\s*(?P<value>'(?:\\.|[^'\\])*'|(?:\\.|[^\s\\])*)", re.DOTALL)
_WITH_SEMICOLONS: Final = re.compile(
    r"(?:^|(?<=;))\s*(?P<key>[^;=]+?)\s*=\s*(?P<value>'[^']*'|\"[^\"]*\"|\{(?:[^}]|\}\})*\}|[^;]*)"
)
_OF_A_QUERY: Final = re.compile(r"(?:^|(?<=[?&]))(?P<key>[^=&#?]+)=(?P<value>[^&#]*)")


class Lead(Protocol):
    """Says where a connection is to be led instead."""

    def __call__(self, host: str, port: int | None, usual: int | None = None) -> int | None:
        """The port of this machine that stands for this host and port; None: it stays as it is.

        Args:
            host: a name or an address, without brackets.
            port: None: the text names none.
            usual: which one is then meant, where that is known.
        """
        ...


@dataclass(frozen=True, slots=True)
class _Edit:
    """A piece of text to put in the place of another one."""

    start: int
    end: int
    new: str


def is_host(text: str) -> bool:
    """Whether a text may be the name or the address of a host, and nothing else."""
    return _A_HOST.fullmatch(text) is not None or (text.count(":") > 1 and _A_HOST.fullmatch(f"[{text}]") is not None)


def relocated(text: str, lead: Lead, *, bare: bool = True) -> str:
    """The text with other hosts and ports in it, where `lead` gives them.

    Args:
        text: of any kind.
        lead: where to.
        bare: whether it may be a mere `db:5432`.
    """
    if _ADDRESS.search(text):
        return _ADDRESS.sub(lambda found: _address(found[0], lead), text)
    if "://" in text:
        return _url(text, lead)
    if "=" in text:
        # The ODBC driver's name in braces may hold a blank, a libpq value a semicolon: what comes first decides.
        pattern = _WITH_SEMICOLONS if re.match(r"\s*[^\s=;][^=;]*=[^=]*;", text) else _SPACED
        return _pairs(text, pattern, lead)
    return _bare(text, lead) if bare else text


def _url(text: str, lead: Lead) -> str:
    found = _URL.search(text)
    if found is None:
        return text
    scheme = found["scheme"].lower()
    if scheme.endswith("+srv"):  # such a name has neither an address nor a port: it is looked up for a list of both
        return text
    # "jdbc:postgresql", "postgresql+psycopg2".
    usual = next((USUAL_PORTS[word] for word in re.split(r"[:+]", scheme) if word in USUAL_PORTS), None)
    user, at, hosts = found["authority"].rpartition("@")
    entries = [_entry(entry, lead, usual=usual) for entry in hosts.split(",")]
    start, end = found.span("authority")
    rest = text[end:]
    pattern = _WITH_SEMICOLONS if rest.startswith(";") else _OF_A_QUERY
    return f"{text[:start]}{user}{at}{','.join(entries)}{_pairs(rest, pattern, lead, usual=usual)}"


def _bare(text: str, lead: Lead) -> str:
    """A list of hosts with their ports, as in `a:9092,b:9092`, `scott/tiger@db:1521/x` or `jdbc:oracle:thin:@db:1521:x`."""
    head, at, rest = text.rpartition("@")
    slashes = "//" if rest.startswith("//") else ""
    hosts, slash, tail = rest.removeprefix(slashes).partition("/")
    if _COMMA.fullmatch(hosts):
        return f"{head}{at}{slashes}{_comma(hosts, lead)}{slash}{tail}"
    entries = hosts.split(",")
    if not all((entry := _ENTRY.fullmatch(each)) and entry["port"] for each in entries):
        return text
    return f"{head}{at}{slashes}{','.join(_entry(each, lead) for each in entries)}{slash}{tail}"


def _entry(text: str, lead: Lead, *, usual: int | None = None) -> str:
    """One host, with or without a port."""
    found = _ENTRY.fullmatch(text)
    if found is None:
        return text
    port = lead(found["host"].strip("[]"), int(found["port"]) if found["port"] else None, usual)
    return text if port is None else f"{found['before']}{LOCAL}:{port}{found['after']}"


def _comma(text: str, lead: Lead) -> str:
    found = _COMMA.fullmatch(text)
    port = lead(found["host"].strip("[]"), int(found["port"])) if found is not None else None
    return text if found is None or port is None else f"{found['before']}{LOCAL},{port}"


def _address(text: str, lead: Lead) -> str:
    """One address of a TNS descriptor: `(ADDRESS=(PROTOCOL=TCP)(HOST=db)(PORT=1521))`."""
    spans = {found["key"].lower(): found for found in _IN_ADDRESS.finditer(text)}
    host, port = spans.get("host"), spans.get("port")
    if host is None or port is None or not port["value"].isdecimal():
        return text
    new = lead(host["value"], int(port["value"]))
    if new is None:
        return text
    return _edited(text, [_Edit(*host.span("value"), LOCAL), _Edit(*port.span("value"), str(new))])


def _pairs(text: str, pattern: re.Pattern[str], lead: Lead, *, usual: int | None = None) -> str:
    """A connection string: `host=db port=5432`, `Server=db;Port=5432`, `?host=db&port=5432`."""
    hosts, ports = [], list[tuple[int, int]]()
    for found in pattern.finditer(text):
        key = re.sub(r"[\s_]", "", found["key"]).lower()
        if key in _HOST_KEYS:
            hosts.append(_inside(found))
        elif key in _PORT_KEYS:
            ports.append(_inside(found))
    edits: dict[int, _Edit] = {}
    added: int | None = None
    for start, end in hosts:
        value = text[start:end]
        if _COMMA.fullmatch(value):
            edits[start] = _Edit(start, end, _comma(value, lead))
            continue
        given = text[slice(*ports[0])].split(",") if ports else []
        new_hosts, new_ports, added = _listed(value.split(","), given, lead, usual)
        if added is not None and pattern is _WITH_SEMICOLONS and _OF_SQL_SERVER.search(text):
            new_hosts, added = [f"{each},{added}" for each in new_hosts], None  # it knows no other way to give one
        edits[start] = _Edit(start, end, ",".join(new_hosts))
        if ports and new_ports != given:
            edits[ports[0][0]] = _Edit(*ports[0], ",".join(new_ports))
    return _with_a_port(_edited(text, edits.values()), added, pattern)


def _listed(
    hosts: Sequence[str], given: Sequence[str], lead: Lead, usual: int | None
) -> tuple[list[str], list[str], int | None]:
    """The hosts and ports that stand for these, and the port to add where none is given."""
    new_hosts, added = list(hosts), None
    # One port may be meant for all hosts.
    new_ports = list(given) * len(hosts) if len(given) == 1 else list(given)
    for index, host in enumerate(hosts):
        entry = _ENTRY.fullmatch(host)
        if entry is None:
            continue
        if entry["port"] or entry["after"].strip():
            new_hosts[index] = _entry(host, lead)
            continue
        text = new_ports[index].strip() if index < len(new_ports) else ""
        if (given and not text.isdecimal()) or (not given and len(hosts) > 1):
            continue
        port = lead(entry["host"].strip("[]"), int(text) if text else None, usual)
        if port is not None:
            new_hosts[index] = f"{entry['before']}{LOCAL}{entry['after']}"
            if given:
                new_ports[index] = str(port)
            else:
                added = port
    changed = len(given) == 1 and len(set(new_ports)) == 1
    return new_hosts, new_ports[:1] if changed else new_ports, added


def _with_a_port(text: str, port: int | None, pattern: re.Pattern[str]) -> str:
    if port is None:
        return text
    if pattern is _OF_A_QUERY:
        path, sharp, fragment = text.partition("#")
        return f"{path}&port={port}{sharp}{fragment}"
    if pattern is _SPACED:
        return f"{text} port={port}"
    return f"{text.rstrip(';')};Port={port}{';' if text.endswith(';') else ''}"


def _inside(found: re.Match[str]) -> tuple[int, int]:
    """Where a value stands, without its quotes or braces."""
    start, end = found.span("value")
    value = found["value"]
    if len(value) > 1 and (value[0], value[-1]) in {("'", "'"), ('"', '"'), ("{", "}")}:
        return start + 1, end - 1
    return start, end - (len(value) - len(value.rstrip()))


def _edited(text: str, edits: Iterable[_Edit]) -> str:
    for edit in sorted(edits, key=lambda each: each.start, reverse=True):
        text = text[: edit.start] + edit.new + text[edit.end :]
    return text
