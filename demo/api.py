"""A vendor's HTTP API on this machine, with real published data: pages, a token, and the bad moments of a real one.

It speaks as the template's README says ("What it expects of the API"). The data are those of `pycountry`: the ISO codes
of countries, their subdivisions, and languages.
"""

from __future__ import annotations

import hmac
import json
import secrets
import threading
from typing import Any, Self

import pycountry
from werkzeug import Request, Response
from werkzeug.serving import WSGIRequestHandler, make_server

__all__ = ["LARGEST_PAGE", "CountryAPI"]

# As with many vendors: who asks for more gets this many.
LARGEST_PAGE = 1000

# Every so many requests one is turned away. A prime, so that it does not always hit the same page.
BUSY_EVERY = 7


class CountryAPI:
    """Serves while it is entered, on a free port of 127.0.0.1.

    With `flaky`, the first request for each resource meets a 503, and every seventh request of all a 429 with
    `Retry-After: 0`: never the same page twice in a row for one reason, so that a few retries get through.

        with CountryAPI() as api:
            requests.get(f"{api.url}/resources", headers={"Authorization": f"Bearer {api.token}"}, timeout=10)

    Attributes:
        token: the only one that is accepted, made anew each time.
        records: what there is to read, by resource.
        requests: how many requests came, also those that were turned away.
        turned_away: how many met a 429 or 503.
    """

    def __init__(self, *, flaky: bool = True) -> None:
        self.token = secrets.token_urlsafe(24)
        self.records: dict[str, list[dict[str, Any]]] = {
            "subdivisions": _rows(pycountry.subdivisions, "code"),
            "languages": _rows(pycountry.languages, "alpha_3"),
            "countries": _rows(pycountry.countries, "alpha_3"),
        }
        self.requests = 0
        self.turned_away = 0
        self._not_yet_failed = set(self.records) if flaky else set()
        self._busy_every = BUSY_EVERY if flaky else 0
        self._lock = threading.Lock()  # each request is answered in a thread of its own
        self._server = make_server(
            "127.0.0.1", 0, Request.application(self._answer), threaded=True, request_handler=_Quiet
        )
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), name="CountryAPI", daemon=True)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} at {self.url}, {self.requests} requests>"

    @property
    def url(self) -> str:
        """The address that `/resources` and `/RESOURCE` are appended to."""
        return f"http://127.0.0.1:{self._server.server_port}/v1"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *exc_info: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop serving and free the port. Works any number of times."""
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()

    def _answer(self, request: Request) -> Response:
        name = request.path.removeprefix("/v1/")
        with self._lock:
            self.requests += 1
            bad_moment = self._bad_moment(name)
            self.turned_away += bad_moment is not None
        if bad_moment is not None:
            return bad_moment
        if not hmac.compare_digest(request.headers.get("Authorization", "").encode(), f"Bearer {self.token}".encode()):
            return _as_json({"error": "unknown token"}, 401)
        if request.path == "/v1/resources":
            return _as_json({"resources": [{"id": each, "title": each.title()} for each in self.records]})
        if request.path != f"/v1/{name}" or name not in self.records:
            return _as_json({"error": "no such resource"}, 404)
        return self._page(name, request)

    def _bad_moment(self, name: str) -> Response | None:
        if name in self._not_yet_failed:
            self._not_yet_failed.remove(name)
            return _as_json({"error": "back in a moment"}, 503)
        if self._busy_every and self.requests % self._busy_every == 0:
            response = _as_json({"error": "too many requests"}, 429)
            response.headers["Retry-After"] = "0"
            return response
        return None

    def _page(self, name: str, request: Request) -> Response:
        number = request.args.get("page", 1, int)
        size = min(request.args.get("per_page", 100, int), LARGEST_PAGE)
        if number < 1 or size < 1:
            return _as_json({"error": "page and per_page count from 1"}, 400)
        records = self.records[name]
        return _as_json(
            {
                "items": records[(number - 1) * size : number * size],
                "page": number,
                "pages": -(-len(records) // size),
                "total": len(records),
            }
        )


class _Quiet(WSGIRequestHandler):
    """Writes no access log: the demonstration shows the source's own."""

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - werkzeug's name
        pass


def _rows(database: Any, key: str) -> list[dict[str, Any]]:
    # A subdivision also has its parent as an object; its code, which is text, says the same.
    rows = ({name: value for name, value in entry if value is None or isinstance(value, str)} for entry in database)
    return sorted(rows, key=lambda row: str(row[key]))


def _as_json(body: object, status: int = 200) -> Response:
    return Response(json.dumps(body, ensure_ascii=False), status, content_type="application/json; charset=utf-8")
