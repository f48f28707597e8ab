"""A right project that asks a far end over HTTP: what it has beside, and instead of, the small one."""

from __future__ import annotations

from review_projects import CONFIG, PYPROJECT, README

__all__ = ["CHANGES"]

_SOURCE = '''\
import panoply
import requests

SECONDS = 30


class Stream(panoply.DataSource):
    """Gives the orders of a shop, page by page."""

    def __init__(self, source, options=None):
        super().__init__(source, options)
        for name in ("token", "url"):
            if not source.get(name):
                raise panoply.PanoplyException(f"The {name} of the shop is missing.", retryable=False)
        self._session = requests.Session()
        self._page = 1
        self._loaded = 0

    def read(self, n=None):
        """Give one page."""
        if self._page is None:
            return None
        found = self._ask(self._page)
        batch = found["orders"]
        self.log("read", len(batch))
        self._page = found["next"]
        self._loaded += len(batch)
        self.progress(self._loaded, found["total"], "orders")
        return batch

    def close(self):
        """Close the connections."""
        self._session.close()

    def _ask(self, page):
        answer = self._session.get(
            f"{self.source['url']}/orders",
            params={"page": page, "region": self.source.get("region")},
            headers={"Authorization": f"Bearer {self.source['token']}"},
            timeout=SECONDS,
        )
        if answer.status_code == 401:
            raise panoply.PanoplyException("The shop refuses the token: make a new one.", retryable=False)
        answer.raise_for_status()
        return answer.json()
'''

_CONFTEST = """\
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest


class Shop(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        known = self.headers.get("Authorization") == "Bearer made-up-token"
        page = int(parse_qs(urlsplit(self.path).query).get("page", ["1"])[0])
        orders = [{"id": number, "page": page} for number in range(page * 20, page * 20 + 20)]
        answer = {"orders": orders, "next": page + 1 if page < 2 else None, "total": 40}
        body = json.dumps(answer if known else {"error": "who are you?"}).encode()
        self.send_response(200 if known else 401)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *words):
        pass


@pytest.fixture(scope="session")
def shop():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Shop)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def panoply_params(shop):
    return {"token": "made-up-token", "url": shop}


@pytest.fixture
def panoply_bad_params(shop):
    return {"token": "another-token", "url": shop}
"""

_TESTS = """\
import panoply
import pytest
from shop import Stream


def test_all_orders_are_read_and_then_comes_the_end(panoply_params):
    stream = Stream(panoply_params, {})
    rows = []
    while (batch := stream.read()) is not None:
        rows += batch
    stream.close()
    assert [row["id"] for row in rows] == list(range(20, 60))


@pytest.mark.parametrize("token", ["", "another-token"])
def test_a_token_that_is_no_good_is_told(panoply_params, token):
    with pytest.raises(panoply.PanoplyException, match="token"):
        Stream(panoply_params | {"token": token}, {}).read()
"""

CHANGES = {
    "pyproject.toml": PYPROJECT.replace('["panoply-python-sdk"]', '["panoply-python-sdk", "requests>=2.31"]'),
    "shop/source.py": _SOURCE,
    "shop/config.py": CONFIG.replace(
        '{"name": "region"', '{"name": "url", "title": "Address", "required": True},\n        {"name": "region"'
    ),
    "tests/conftest.py": _CONFTEST,
    "tests/test_source.py": _TESTS,
    "README.md": README.replace("| `region`", "| `url` | where the shop is found |\n| `region`"),
}
