"""What the bytes on a connection say about HTTP/1: which request they begin, how an answer is framed, what one looks like.

Bytes in, facts out. Nothing here knows a socket, and nothing here keeps a body: of an answer only its head is looked at.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from panoply_testing.faults import FaultKind

__all__ = ["LONGEST_HEAD", "NOT_FOUND", "Answer", "canned_answer", "cut_at", "redirect_to", "request_of"]

# The longest head that common servers send or accept is 16 to 64 KiB; what has none by then is no HTTP.
LONGEST_HEAD: Final = 64 * 1024

# What a message can use of a request line: some hold whole documents.
LONGEST_TARGET: Final = 300

_REQUEST: Final = re.compile(rb"([A-Z]{3,20}) ([^\s]+) HTTP/1\.[01]\r?\n")
_OF_A_URL: Final = re.compile(r"(https?://)(?:[^/@]*@)?(.*)", re.IGNORECASE)
_STATUS: Final = re.compile(rb"HTTP/1\.[0-9] ([0-9]{3})")
_END_OF_HEAD: Final = re.compile(rb"\r?\n\r?\n")
_PLAIN: Final = frozenset({"length", "closing", "other"})
_LAST_CHUNK: Final = b"\r\n0\r\n\r\n"


def request_of(data: object) -> str:
    """The request that these bytes begin with: "GET /items"; empty if they begin with none.

    What stands behind `?` or `#`, or before `@`, is left out: it may hold credentials. A CONNECT is none: what a proxy is
    asked is not what the source asks.
    """
    try:
        head = bytes(memoryview(data)[:LONGEST_HEAD])  # type: ignore[arg-type]
    except (TypeError, NotImplementedError):  # no bytes: the socket itself says so
        return ""
    found = _REQUEST.match(head)
    if found is None or found[1] == b"CONNECT":
        return ""
    target = re.split(r"[?#]", found[2].decode("ascii", "replace"), maxsplit=1)[0]
    url = _OF_A_URL.fullmatch(target)
    return f"{found[1].decode()} {(url[1] + url[2] if url else target)[:LONGEST_TARGET]}"


class Answer:
    """Follows an answer as it arrives, piece by piece.

    Args:
        request: what `request_of` gave for what was sent before. If that is empty, the answer is not looked at.

    Attributes:
        framing: what tells its end: "length", "chunked", "none" (it has no body) or "closing" (only the end of the
            connection does). "other": it is no HTTP. Empty until the head has arrived.
        is_json: whether its Content-Type is JSON.
        complete: whether all of it has arrived, as far as that can be told.
    """

    __slots__ = ("_head", "_left", "_method", "_tail", "complete", "framing", "is_json")

    def __init__(self, request: str) -> None:
        self.framing: Literal["", "length", "chunked", "none", "closing", "other"] = "" if request else "other"
        self.is_json = False
        self.complete = False
        self._method = request.partition(" ")[0]
        self._head = bytearray()
        self._left = 0
        self._tail = b"\r\n"

    def feed(self, data: bytes | memoryview) -> int:
        """Take in the next piece.

        Returns:
            How many of these bytes are body. Of what is no HTTP, all are.
        """
        if self.framing:
            return self._body(data)
        # The empty line may have begun in the piece before.
        looked_at = max(0, len(self._head) - 3)
        self._head += data
        while (end := self._end_of_head(looked_at)) is not None:
            looked_at = 0
            body = len(self._head) - end
            status = _STATUS.match(self._head)
            if status is not None and status[1].startswith(b"1") and status[1] != b"101":
                del self._head[:end]  # 100 Continue: the answer itself comes after it
                continue
            self._read_head(bytes(self._head[:end]), int(status[1]) if status is not None else 0)
            self._head.clear()
            return self._body(memoryview(data)[len(data) - body :])
        if len(self._head) > LONGEST_HEAD or not self._may_be_http():
            self.framing = "other"
            self._head.clear()
            return len(data)
        return 0

    def skip(self, size: int) -> bool:
        """Take in so many bytes of the body that nobody needs to look at.

        Only where `is_plain`. Gives whether the answer is complete.
        """
        if self.framing == "length":
            self._left -= size
            self.complete = self._left <= 0
        return self.complete

    @property
    def is_plain(self) -> bool:
        """Whether what is still to come need only be counted."""
        return self.framing in _PLAIN

    def _end_of_head(self, looked_at: int) -> int | None:
        found = _END_OF_HEAD.search(self._head, looked_at) if self._may_be_http() else None
        return found.end() if found is not None else None

    def _may_be_http(self) -> bool:
        return self._head.startswith(b"HTTP/1."[: len(self._head)])

    def _read_head(self, head: bytes, status: int) -> None:
        fields: dict[bytes, bytes] = {}
        for line in head.split(b"\n")[1:]:
            name, _, value = line.partition(b":")
            fields[name.strip().lower()] = value.strip().lower()
        self.is_json = b"json" in fields.get(b"content-type", b"")
        length = fields.get(b"content-length", b"")
        if status == 101:
            self.framing = "other"
        elif self._method == "HEAD" or status in {204, 304}:
            self.framing = "none"
        elif b"chunked" in fields.get(b"transfer-encoding", b""):
            self.framing = "chunked"
        elif length.isdigit():
            self.framing, self._left = "length", int(length)
        else:
            self.framing = "closing"
        self.complete = self.framing == "none" or (self.framing == "length" and not self._left)

    def _body(self, data: bytes | memoryview) -> int:
        if self.framing == "length":
            self._left -= len(data)
            self.complete = self._left <= 0
        elif self.framing == "chunked":
            # A trailer is so rare that not to see the end of such an answer does no harm.
            self._tail = (self._tail + bytes(data[-len(_LAST_CHUNK) :]))[-len(_LAST_CHUNK) :]
            self.complete = self._tail == _LAST_CHUNK
        return len(data)


def cut_at(answer: Answer, size: int, body: int) -> int | None:
    """Where in a piece of `size` bytes, `body` of them body, an answer is broken off half-way.

    Within the body, so that a client which compares lengths notices. None: not in this piece, there is more to come.
    """
    if body:
        return size - body + body // 2
    # Without a body, half a head is all that there can be.
    return size // 2 if answer.complete else None


def canned_answer(kind: FaultKind, request: str) -> bytes:
    """The whole answer of a far end that is overloaded, broken, or not the one that was asked for."""
    status, content_type, more, body = _CANNED[kind]
    head = f"HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\nContent-Length: {len(body)}\r\n{more}Connection: close\r\n\r\n"
    return head.encode() + (b"" if request.startswith("HEAD ") else body)


def redirect_to(status: int, location: str) -> bytes:
    """The whole answer of a far end that sends whoever asks to another place."""
    head = (
        f"HTTP/1.1 {status} {_MOVED[status]}\r\nLocation: {location}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    )
    return head.encode("latin-1")


_MOVED: Final = {301: "Moved Permanently", 302: "Found", 307: "Temporary Redirect", 308: "Permanent Redirect"}

# The answer of a far end at which there is nothing.
NOT_FOUND: Final = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"

_JSON: Final = "application/json"

# JSON, as most APIs have it for their errors too: a source that never looks at the status finds no items in it, and takes
# that for the end.
_CANNED: Final[dict[FaultKind, tuple[str, str, str, bytes]]] = {
    "http-429": ("429 Too Many Requests", _JSON, "Retry-After: 120\r\n", b'{"error": "Too many requests"}'),
    "http-500": ("500 Internal Server Error", _JSON, "", b'{"error": "Internal server error"}'),
    "http-503": ("503 Service Unavailable", _JSON, "", b'{"error": "Service unavailable"}'),
    "http-not-json": (
        "200 OK",
        "text/html; charset=utf-8",
        "",
        b"<!DOCTYPE html><html><head><title>Sign in</title></head><body>Please sign in to go on.</body></html>",
    ),
}
