"""An answer that sends a source to another host: where to give one, and what of the source's then arrives there. Pure: bytes and names.

Most libraries follow a redirect by themselves, and what they take along is their own affair: some leave out the header
`Authorization`, most no other, and the body of a POST goes along with 307 and 308.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from panoply_testing.faults import Operation
    from panoply_testing.secrets import Credentials

__all__ = [
    "Carried",
    "Redirect",
    "Redirected",
    "is_secret_header",
    "kind_of",
    "points_for",
    "redirected",
    "statuses_for",
]

Part = Literal["header", "query", "path", "body"]

# So many requests are answered in this way, each in a run of its own, or in two.
MOST_POINTS: Final = 4

_SECRET_HEADER: Final = re.compile(
    r"(?i)(?:[a-z0-9]+-)*(?:token|secret|password|auth|authorization|cookie|signature|credentials?|session(?:-?id)?"
    r"|(?:api|app|application|access|account|auth|client|consumer|functions|license|master|private|rapidapi|subscription)-?key)"
)
_NO_SECRET: Final = re.compile(r"(?i).*(?:csrf|xsrf|page|next|continuation|idempotency|cursor).*")

# A value that is shorter is none that anybody is let in by.
_SHORTEST: Final = 6

_END_OF_HEAD: Final = re.compile(rb"\r?\n\r?\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class Redirect:
    """An answer with this status, which names another host, in the place of the one to the request of that operation."""

    status: int
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """A credential that has arrived at the other host.

    Attributes:
        part: of the request that it was in. `name`: of the header, of the query's param, of the body's field; empty: it has none.
        secret: what a report calls the credential; empty: only the header's name says that it is one.
    """

    part: Part
    name: str
    secret: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Redirected:
    """What came of one redirect.

    Attributes:
        operation: the one that sent the request.
        headers: the names of the headers that the request had, in lower case.
        encrypted: whether it was. Who follows nobody from there to a host that is not may still follow to one that is.
        followed: whether the source turned to the other host at all.
    """

    status: int
    operation: Operation
    headers: tuple[str, ...] = ()
    encrypted: bool = False
    followed: bool = False
    carried: tuple[Carried, ...] = ()


def is_secret_header(name: str) -> bool:
    """Whether a header's name says that it holds a credential."""
    return _SECRET_HEADER.fullmatch(name) is not None and _NO_SECRET.fullmatch(name) is None


def kind_of(request: Operation) -> tuple[str, str, str]:
    """What tells one kind of requests from another: the line that sends them, the method, and to whom."""
    return request.where, request.request.partition(" ")[0], request.host


def points_for(operations: Iterable[Operation]) -> tuple[Operation, ...]:
    """The requests to answer with a redirect: of each kind the first one, and of the kind that there are most of, one from its middle."""
    kinds: dict[tuple[str, str, str], list[Operation]] = {}
    for each in operations:
        if each.request:
            kinds.setdefault(kind_of(each), []).append(each)
    chosen = [same[0] for same in kinds.values()][:MOST_POINTS]
    longest = max(kinds.values(), key=len, default=[])
    if len(longest) > 2 and len(chosen) < MOST_POINTS:
        chosen.append(longest[len(longest) // 2])
    return tuple(chosen)


def statuses_for(request: str, number: int) -> tuple[int, int]:
    """The statuses to answer with, by turns; the second one where the first is not followed.

    With the latter ones a POST stays a POST and keeps its body, if it is sent on at all: Python's own library sends it on as
    a GET, and only with the former ones.
    """
    moved, kept = ((302, 307), (301, 308))[number % 2]
    return (moved, kept) if request.startswith(("GET ", "HEAD ")) else (kept, moved)


def redirected(  # noqa: PLR0913 - all but two by name
    redirect: Redirect,
    operation: Operation,
    *,
    asked: bytes,
    encrypted: bool,
    arrived: Sequence[bytes],
    credentials: Credentials,
) -> Redirected:
    """What the bytes say that were sent to either host.

    Args:
        redirect: the answer that was given.
        operation: the one that sent the request.
        asked: the request that was answered so.
        encrypted: whether it was.
        arrived: what came to the other host, one for each connection.
        credentials: what is looked for.
    """
    _, before, _ = _parts(asked)
    found: dict[tuple[Part, str], Carried] = {}
    for each in arrived:
        for one in _carried(each, before, credentials):
            found.setdefault((one.part, one.name.lower()), one)
    return Redirected(
        status=redirect.status,
        operation=operation,
        headers=tuple(dict.fromkeys(name.lower() for name, _ in before)),
        encrypted=encrypted,
        followed=bool(arrived),
        carried=tuple(found.values()),
    )


def _carried(request: bytes, before: Sequence[tuple[str, str]], credentials: Credentials) -> Iterator[Carried]:
    target, headers, body = _parts(request)
    same = {(name.lower(), value) for name, value in before}
    for name, value in headers:
        found = credentials.find(value)
        if found:
            yield Carried(part="header", name=name, secret=found[0].secret)
        elif is_secret_header(name) and len(value) >= _SHORTEST and (name.lower(), value) in same:
            yield Carried(part="header", name=name)
    path, _, query = target.partition("?")
    yield from _named("query", _pairs(query), credentials)
    yield from _named("path", [("", path)], credentials)
    inner = list(_named("body", _fields(body), credentials))
    yield from inner or _named("body", [("", body)], credentials)


def _named(part: Part, pairs: Iterable[tuple[str, str]], credentials: Credentials) -> Iterator[Carried]:
    for name, value in pairs:
        found = credentials.find(value)
        if found:
            # A name may be anything, even a credential.
            yield Carried(part=part, name=credentials.mask(name), secret=found[0].secret)


def _parts(request: bytes) -> tuple[str, list[tuple[str, str]], str]:
    """The target, the headers and the body."""
    end = _END_OF_HEAD.search(request)
    head, body = (request[: end.start()], request[end.end() :]) if end else (request, b"")
    first, *lines = head.decode("latin-1").splitlines() or [""]
    pairs = (line.partition(":") for line in lines)
    words = first.split(" ")
    headers = [(name.strip(), value.strip()) for name, colon, value in pairs if colon]
    return words[1] if len(words) > 1 else "", headers, body.decode("utf-8", "replace")


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    for pair in re.split(r"[&;]", text):
        name, _, value = pair.partition("=")
        yield name, value


def _fields(body: str) -> list[tuple[str, str]]:
    """The fields of a form, or of JSON."""
    try:
        return list(_leaves(json.loads(body), ""))
    except (ValueError, RecursionError):
        return list(_pairs(body)) if re.match(r"[\w.%+-]+=", body) else []


def _leaves(value: Any, name: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(inner, str(key))
    elif isinstance(value, list):
        for inner in value:
            yield from _leaves(inner, name)
    elif isinstance(value, str | int | float):
        yield name, str(value)
