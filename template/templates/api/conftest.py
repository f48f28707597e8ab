{% set auth = cookiecutter.auth %}
{% set url_param, fixture = "api_url", "api" %}
"""A small API on this machine, and the params with which the source reaches it."""

{% if auth == "password" %}
import base64
{% endif %}
import json
import re
{% if auth != "none" %}
import secrets
{% endif %}

import pytest
import stamina
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response


class LocalAPI:
    """Answers as the README's "What it expects of the API" says, with 115 rows in pages of at most 25."""

    largest_page = 25

    def __init__(self, server):
        self.url = server.url_for("/v1")
{% include "http/test_init.py" %}
        server.expect_request(re.compile("/v1/.+")).respond_with_handler(self.answer)
        self.reset()

    def reset(self):
        """Forget what the last test did."""
        self.rows = {
            "customers": [{"id": number, "name": f"Customer {number}"} for number in range(77)],
            "orders": [{"id": number, "customer": number % 3} for number in range(38)],
        }
        self.requests = []
        self.next_answers = []  # given before any real ones: a Response, or None for the real one
{% include "http/test_reset.py" %}

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
        name = request.path.removeprefix("/v1/")
        if name == "resources":
            return as_json({"resources": [{"id": each, "title": each.title()} for each in self.rows]})
        if name not in self.rows:
            return as_json({"error": "no such resource"}, 404)
        rows = self.rows[name]
        number = int(request.args["page"])
        size = min(int(request.args["per_page"]), self.largest_page)
        items = rows[(number - 1) * size : number * size]
        return as_json({"items": items, "page": number, "pages": -(-len(rows) // size), "total": len(rows)})
{% include "http/test_refresh.py" %}


def as_json(body, status=200):
    return Response(json.dumps(body), status, content_type="application/json")


@pytest.fixture(scope="session")
def running_api():
    with HTTPServer(threaded=True) as server:
        yield LocalAPI(server)


@pytest.fixture
def api(running_api):
    running_api.reset()
    return running_api


{% include "http/test_fixtures.py" %}


# These the data source contract asks for.


@pytest.fixture
def panoply_params(api):
    return api.params


@pytest.fixture
def panoply_bad_params(api):
{% include "http/test_bad.py" %}
