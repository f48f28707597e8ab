"""A small file store on this machine, and the params with which the source reaches it."""

{% if auth == "password" %}
import base64
{% endif %}
import csv
import io
import json
import re
import secrets
from zlib import crc32

import pytest
import stamina
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response


class LocalStore:
    """Answers as the README's "What it expects of the file store" says: 115 rows in three files, and a file that is no table."""

    def __init__(self, server):
        self.url = server.url_for("/v1")
{% include "http/test_init.py" %}
        server.expect_request(re.compile("/v1/.+")).respond_with_handler(self.answer)
        self.rows = {}

    def reset(self):
        """Forget what the last test did."""
        self.rows.clear()
        self.files = {"notes.txt": b"No table."}
        self.write("customers.csv", [{"id": str(number), "name": f"Customer {number}"} for number in range(57)])
        self.write("2024/orders.jsonl", [{"id": number, "customer": number % 3} for number in range(38)])
        self.write("2024/Returns.CSV", [{"id": str(number), "why": 'too, "small"\n'} for number in range(20)])
        self.requests = []
        self.next_answers = []  # given before any real ones: a Response, or None for the real one
{% include "http/test_reset.py" %}

    def write(self, name, rows):
        """Make a file, or another one of the same name."""
        self.rows[name] = rows
        self.put(name, contents(name, rows).encode())

    def put(self, name, raw):
        """Make a file of these bytes."""
        self.files[name] = raw

    @property
    def params(self):
        """What a user would have entered."""
{% include "http/test_params.py" %}

    def answer(self, request: Request) -> Response:
        """Answer one request."""
        self.requests.append(request.full_path)
        planned = self.next_answers.pop(0) if self.next_answers else None
        if planned is not None:
            return planned
{% include "http/test_refuse.py" %}
        name = request.path.removeprefix("/v1/files").lstrip("/")
        if name in self.files:
            return Response(self.files[name], content_type="text/plain")
        if name:
            return as_json({"error": "no such file"}, 404)
        # A real store has times; here a file is another one as soon as its contents are.
        listed = [{"name": name, "size": len(raw), "modified": crc32(raw)} for name, raw in self.files.items()]
        return as_json({"files": listed})
{% include "http/test_refresh.py" %}


def as_json(body, status=200):
    return Response(json.dumps(body), status, content_type="application/json")


{% include "files/conftest_contents.py" %}


@pytest.fixture(scope="session")
def made_store():
    with HTTPServer(threaded=True) as server:
        yield LocalStore(server)


@pytest.fixture
def local_store(made_store):
    made_store.reset()
    return made_store


{% include "http/test_fixtures.py" %}


# These the data source contract asks for.


@pytest.fixture
def panoply_params(local_store):
    return local_store.params


@pytest.fixture
def panoply_bad_params(local_store):
{% include "http/test_bad.py" %}
