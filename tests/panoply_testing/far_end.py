"""A vendor's HTTP API for the sources in tests/sources, in a process of its own: what they read from, and are refused by.

It always gives the same answer to the same request, apart from exports and tokens. What it serves is described in `ROUTES`
below; `python far_end.py [PORT]` serves until its standard input is closed, and says its port first.

    with FarEnd() as far_end:
        params = filled({"url": "{url}", "token": "{token}"}, far_end.address)
"""

from __future__ import annotations

import base64
import hmac
import itertools
import json
import socket
import subprocess
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final, NamedTuple, Self
from urllib.parse import parse_qs, urlsplit

__all__ = ["ITEMS", "PARENTS", "REFRESH", "TOKEN", "Address", "FarEnd", "Server", "filled"]

# Both read differently once they are percent-encoded, and hold no word that stands in a message by itself.
TOKEN: Final = "tk/9f3b+71Ca2=Zq8"
REFRESH: Final = "rf/4d8e+20Bx6=Wv3"

PAGE: Final = 20
# A cursor's page is never larger, whatever is asked for: many vendors cut in silence. An offset's page is refused.
LARGEST_PAGE: Final = 50
LARGEST_OFFSET_PAGE: Final = 1000
# How often an export is said to be running before it is done.
POLLS: Final = 3

_START: Final = datetime(2024, 1, 1, tzinfo=UTC)

# Three in a row share a minute, so that who resumes "after" a time, rather than at it, loses some.
ITEMS: Final = tuple(
    {
        "id": number,
        "name": f"Item {number}",
        "price": number * 5 % 97,
        "updated": (_START + timedelta(minutes=(number - 1) // 3)).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "tags": ["new"] if number % 4 == 0 else [],
    }
    for number in range(1, 101)
)
PARENTS: Final = tuple({"id": number, "name": f"Parent {number}"} for number in range(1, 6))
# The third has none.
CHILDREN: Final = {
    parent: tuple(
        {"id": parent * 1000 + number, "parent": parent, "name": f"Child {number}"}
        for number in range(1, 26 if parent != 3 else 1)
    )
    for parent in range(1, 6)
}

ROUTES: Final = """
Everything but /token wants TOKEN, or a token that /token gave out: `Authorization: Bearer TOKEN`, basic authentication
with TOKEN as the password (any user), or `?key=TOKEN`. Anything else gets 401 and {"error": "invalid token"}.

GET /items?page=N&limit=K       {"items": [...], "page": N, "pages": P, "total": T}; from 1, of 20; beyond the last: no items
GET /items?offset=N&limit=K     {"items": [...], "total": T}; a limit beyond 1000 is refused with 400
GET /items?after=ID&limit=K     {"items": [...], "next": ID or null, "total": T}; at most 50, whatever the limit is.
                                The header X-Last has the last ID, unless there are no items
GET /items?since=TIME&limit=K   {"items": [...], "total": T}: those updated at TIME or later, the oldest first; at most 50
GET /items/ID                   one item, with "detail"
GET /items.csv                  id,name,price,updated: with a Content-Length
GET /items.ndjson               a JSON object a line: chunked
GET /parents                    {"items": [...], "total": T}
GET /parents/ID/children        {"items": [...], "total": T}; the third parent has none
GET /empty                      {"items": [], "total": 0}
GET /slow                       {"items": [...]} after a moment
GET /loops.json                 {"items": [one], "next": "/loops.json"}, for ever
POST /exports                   {"id": ID}
GET /exports/ID                 {"status": "running"} three times, then {"status": "done", "url": "/exports/ID/file"}
GET /exports/ID/file            what /items.csv gives
POST /token                     a form with refresh_token=REFRESH: {"access_token": a new one, "expires_in": 3600};
                                any other gets 401 and {"error": "invalid_grant"}
"""


class Address(NamedTuple):
    """Where a far end listens."""

    host: str
    port: int

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"


def filled(value: Any, address: Address) -> Any:
    """`value` with `{url}`, `{host}`, `{port}`, `{token}` and `{refresh}` in any of its texts replaced; all are text."""
    if isinstance(value, dict):
        return {key: filled(inner, address) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(filled(inner, address) for inner in value)
    if isinstance(value, str):
        names = {
            "url": address.url,
            "host": address.host,
            "port": str(address.port),
            "token": TOKEN,
            "refresh": REFRESH,
        }
        for name, text in names.items():
            value = value.replace("{" + name + "}", text)
    return value


class FarEnd:
    """A far end in a process of its own, from `with` to the end of the block.

    Not a thread: the tests fork, and a child would inherit its sockets and its locks.
    """

    def __init__(self, port: int = 0) -> None:
        self._port = port
        self._process: subprocess.Popen[bytes] | None = None
        self.address = Address("127.0.0.1", 0)

    def __enter__(self) -> Self:
        command = [sys.executable, "-I", str(Path(__file__)), str(self._port)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self._process.stdout is not None
        self.address = Address("127.0.0.1", int(self._process.stdout.readline()))
        return self

    def __exit__(self, *exc_info: object) -> None:
        if self._process is not None:
            # It ends when its input does: also where this process dies before it comes here.
            self._process.communicate(timeout=30)
            self._process = None


class Server(ThreadingHTTPServer):
    """The server itself, on a port of 127.0.0.1; 0: on a free one."""

    daemon_threads = True
    request_queue_size = 512

    def __init__(self, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), Handler)
        self.lock = threading.Lock()
        self.exports: dict[str, int] = {}
        self.tokens = {TOKEN}
        self.numbers = itertools.count(1)

    @property
    def address(self) -> Address:
        return Address("127.0.0.1", self.server_port)

    def server_bind(self) -> None:
        # As HTTPServer does it, without asking the system's resolver for the name of this machine.
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = self.server_address[:2]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: clients go away in the midst of an answer, and that is what they are here for."""


class Refusal(Exception):
    """The request gets this status and this error."""

    def __init__(self, status: int, error: str) -> None:
        super().__init__(error)
        self.status = status
        self.error = error


class Handler(BaseHTTPRequestHandler):
    """Answers one connection's requests, one after the other."""

    server: Server
    protocol_version = "HTTP/1.1"
    # One segment an answer, at once: with the defaults, Nagle's algorithm makes a request take 40 ms.
    wbufsize = 1 << 16
    disable_nagle_algorithm = True

    def log_message(self, *args: object) -> None:
        """Write no access log."""

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def _answer(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        split = urlsplit(self.path)
        query = {name: values[-1] for name, values in parse_qs(split.query, keep_blank_values=True).items()}
        try:
            self._route(split.path, query, body.decode("latin-1"))
        except Refusal as refusal:
            self._json({"error": refusal.error}, refusal.status)
        except ValueError:
            self._json({"error": "a number was expected"}, 400)

    def _route(self, path: str, query: dict[str, str], body: str) -> None:  # noqa: C901, PLR0912 - the routes, a line each
        parts = path.strip("/").split("/")
        if parts == ["token"]:
            return self._json(self._token(body))
        self._authorize(query)
        match self.command, *parts:
            case "GET", "items":
                self._items(query)
            case "GET", "items", number:
                self._json(self._item(int(number)))
            case "GET", "items.csv":
                self._csv()
            case "GET", "items.ndjson":
                self._ndjson()
            case "GET", "parents":
                self._json({"items": PARENTS, "total": len(PARENTS)})
            case "GET", "parents", number, "children":
                children = CHILDREN.get(int(number), ())
                self._json({"items": children, "total": len(children)})
            case "GET", "empty":
                self._json({"items": [], "total": 0})
            case "GET", "slow":
                time.sleep(0.3)
                self._json({"items": ITEMS[:PAGE]})
            case "GET", "loops.json":
                self._json({"items": ITEMS[:1], "next": "/loops.json"})
            case "POST", "exports":
                self._json(self._export())
            case "GET", "exports", number:
                self._json(self._poll(number))
            case "GET", "exports", number, "file":
                self._csv()
            case _:
                raise Refusal(404, "no such resource")
        return None

    def _authorize(self, query: dict[str, str]) -> None:
        scheme, _, given = self.headers.get("Authorization", "").partition(" ")
        if scheme == "Basic":
            given = base64.b64decode(given).decode().partition(":")[2]
        given = given if scheme in ("Basic", "Bearer") else query.get("key", "")
        with self.server.lock:
            known = list(self.server.tokens)
        if not any(hmac.compare_digest(given.encode(), token.encode()) for token in known):
            raise Refusal(401, "invalid token")

    def _token(self, body: str) -> dict[str, object]:
        if parse_qs(body).get("refresh_token") != [REFRESH]:
            raise Refusal(401, "invalid_grant")
        with self.server.lock:
            token = f"at/{next(self.server.numbers):06d}+8c51Kd7=Yp2"
            self.server.tokens.add(token)
        return {"access_token": token, "expires_in": 3600}

    def _items(self, query: dict[str, str]) -> None:
        limit = int(query.get("limit", PAGE))
        if limit < 1:
            raise Refusal(400, "limit counts from 1")
        total = len(ITEMS)
        if "after" in query:
            after = int(query["after"] or 0)
            rows = [item for item in ITEMS if item["id"] > after]
            page = rows[: min(limit, LARGEST_PAGE)]
            last = {"X-Last": str(page[-1]["id"])} if page else {}
            following = page[-1]["id"] if len(page) < len(rows) else None
            return self._json({"items": page, "next": following, "total": total}, headers=last)
        if "since" in query:
            rows = [item for item in ITEMS if item["updated"] >= query["since"]]
            return self._json({"items": rows[: min(limit, LARGEST_PAGE)], "total": total})
        if "offset" in query:
            if limit > LARGEST_OFFSET_PAGE:
                raise Refusal(400, f"limit is {LARGEST_OFFSET_PAGE} at most")
            offset = int(query["offset"])
            return self._json({"items": ITEMS[offset : offset + limit], "total": total})
        number = int(query.get("page", 1))
        if number < 1:
            raise Refusal(400, "page counts from 1")
        page = ITEMS[(number - 1) * limit : number * limit]
        return self._json({"items": page, "page": number, "pages": -(-total // limit), "total": total})

    def _item(self, number: int) -> dict[str, object]:
        if not 1 <= number <= len(ITEMS):
            raise Refusal(404, "no such item")
        return {**ITEMS[number - 1], "detail": f"All about {number}"}

    def _export(self) -> dict[str, str]:
        with self.server.lock:
            number = str(next(self.server.numbers))
            self.server.exports[number] = 0
        return {"id": number}

    def _poll(self, number: str) -> dict[str, str]:
        with self.server.lock:
            if number not in self.server.exports:
                raise Refusal(404, "no such export")
            self.server.exports[number] += 1
            done = self.server.exports[number] > POLLS
        return {"status": "done", "url": f"/exports/{number}/file"} if done else {"status": "running"}

    def _csv(self) -> None:
        rows = [f"{item['id']},{item['name']},{item['price']},{item['updated']}\n" for item in ITEMS]
        self._send("".join(["id,name,price,updated\n", *rows]).encode(), "text/csv; charset=utf-8")

    def _ndjson(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/x-ndjson")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for item in ITEMS:
            line = json.dumps(item).encode() + b"\n"
            self.wfile.write(b"%x\r\n%s\r\n" % (len(line), line))
        self.wfile.write(b"0\r\n\r\n")

    def _json(self, body: object, status: int = 200, headers: dict[str, str] | None = None) -> None:
        self._send(json.dumps(body).encode(), "application/json", status, headers or {})

    def _send(self, body: bytes, media: str, status: int = 200, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"Content-Type": media, "Content-Length": str(len(body)), **(headers or {})}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


def main() -> None:
    """Serve until standard input is closed."""
    with Server(*map(int, sys.argv[1:])) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        print(server.server_port, flush=True)  # noqa: T201 - whoever started this reads it
        sys.stdin.read()
        server.shutdown()


if __name__ == "__main__":
    main()
