"""Words for what a source does on the network, and for what can go wrong there. Values only; nothing here opens a socket.

An operation has a number, counted from 1 in the order in which the source begins them: two runs of the same source do
the same operations under the same numbers, so that a fault can be put at any one of them, again and again.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal, Self, get_args

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = [
    "FAULTS_AT",
    "HTTP_FAULTS",
    "PROXY_FAULTS_AT",
    "Fault",
    "FaultKind",
    "Hit",
    "Operation",
    "OperationKind",
    "Spell",
]

OperationKind = Literal["lookup", "connect", "handshake", "send", "receive"]

FaultKind = Literal[
    "unknown-host",  # the name is not found
    "refused",  # nobody listens there
    "reset",  # the connection is broken off
    "timed-out",  # no answer within the time limit of the operation, or of the system where it has none
    "closed-early",  # the far end closes the connection instead of answering
    "answered-half",  # it sends the first half of what it was about to say, and closes
    "silent",  # it says nothing, for ever: only a time limit of the source's own ends this
    "http-429",  # it answers: too many requests, Retry-After: 120
    "http-500",
    "http-503",
    "http-not-json",  # it answers 200 with a web page, as a proxy or a captive portal does
]

Spell = Literal[
    "once",  # this one operation; the next one works again
    "until-raised",  # everything from there on, until a read() has raised (or the source has stopped trying)
    "for-good",  # everything from there on
]

# What can be put at which operation. `silent` is not among them: it is asked for by name, as it ends a run.
FAULTS_AT: Final[Mapping[OperationKind, tuple[FaultKind, ...]]] = MappingProxyType(
    {
        "lookup": ("unknown-host",),
        "connect": ("refused", "timed-out"),
        "handshake": ("reset", "timed-out", "closed-early"),
        "send": ("reset", "timed-out"),
        "receive": ("reset", "timed-out", "closed-early", "answered-half"),
    }
)

# What can be put at which operation of a native driver, of which a proxy sees the bytes. A time limit and a look-up are the
# driver's own, and a handshake passes through like anything else.
PROXY_FAULTS_AT: Final[Mapping[OperationKind, tuple[FaultKind, ...]]] = MappingProxyType(
    {
        "connect": ("refused",),
        "send": ("reset",),
        "receive": ("reset", "closed-early", "answered-half"),
    }
)

# What can be put in the place of the answer to an HTTP request: at the operation that sends its first byte.
HTTP_FAULTS: Final[tuple[FaultKind, ...]] = ("http-429", "http-500", "http-503", "http-not-json")


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One operation on the network, as the source began it.

    Attributes:
        number: from 1 on, in this run.
        host: whom it spoke to, "api.acme.com:443"; for a look-up the name.
        where: the source's own line that it came from, "acme/source.py:41 in read"; empty if it is not known.
        limit: its time limit in seconds; None: none. Only of use where `blocking`.
        blocking: whether the call itself waits. If not (asyncio), the time limit is elsewhere, if there is one.
        request: "GET /items" where this sends an HTTP request; without its query, which may hold credentials.
        answers_json: for such a request: whether the answer's Content-Type was JSON. Known in hindsight.
        ends_by_closing: for what is received: whether the end of the answer is only told by the closed connection, so that
            nobody can tell a half from a whole.
    """

    number: int
    kind: OperationKind
    host: str
    where: str = ""
    limit: float | None = None
    blocking: bool = True
    request: str = ""
    answers_json: bool = False
    ends_by_closing: bool = False

    def __str__(self) -> str:
        what = f", {self.request}" if self.request else ""
        return f"operation {self.number:,} ({self.kind} {self.host}{what})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A fault to inject: what happens, at which operation, and how long it lasts."""

    kind: FaultKind
    at: int
    spell: Spell = "once"

    def __str__(self) -> str:
        """As `--panoply-fault` takes it: `reset@17:once`."""
        return f"{self.kind}@{self.at}:{self.spell}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read what `str()` gives; the spell may be left out.

        Raises:
            ValueError: it is none; the message says what one looks like.
        """
        kind, _, rest = text.partition("@")
        at, _, spell = rest.partition(":")
        if kind not in get_args(FaultKind):
            raise ValueError(f"there is no fault {kind!r}; there are {', '.join(get_args(FaultKind))}")
        if not at.isdecimal() or int(at) < 1:
            raise ValueError(f"{text!r} names no operation: a fault looks like reset@17 or reset@17:for-good")
        if (spell or "once") not in get_args(Spell):
            raise ValueError(f"there is no {spell!r}; a fault lasts {', '.join(get_args(Spell))}")
        return cls(kind=kind, at=int(at), spell=spell or "once")  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """An operation that a fault was really injected at."""

    kind: FaultKind
    operation: Operation
