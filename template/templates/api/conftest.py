{% set auth = cookiecutter.auth %}
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
    """Answers as the README's "What it expects of the API" says, with 25 rows in pages of at most 5."""

    largest_page = 5

    def __init__(self, server):
        self.url = server.url_for("/v1")
{% if auth == "password" %}
        self.user, self.password = "ada", secrets.token_hex(16)
{% elif auth == "oauth2" %}
        application = {"client_id": "this-source", "client_secret": secrets.token_hex(16)}
        self.options = {"refresh": application | {"grant_type": "refresh_token"}}
{% endif %}
        server.expect_request(re.compile("/v1/.+")).respond_with_handler(self.answer)
        self.reset()

    def reset(self):
        """Forget what the last test did."""
        self.rows = {
            "customers": [{"id": number, "name": f"Customer {number}"} for number in range(17)],
            "orders": [{"id": number, "customer": number % 3} for number in range(8)],
        }
        self.requests = []
        self.next_answers = []  # given before any real ones: a Response, or None for the real one
{% if auth == "token" %}
        self.token = secrets.token_hex(16)
{% elif auth == "oauth2" %}
        self.access_token, self.refresh_token = secrets.token_hex(16), secrets.token_hex(16)
{% endif %}

    @property
    def params(self):
        """What a user would have entered."""
{% if auth == "token" %}
        return {"api_url": self.url, "token": self.token}
{% elif auth == "password" %}
        return {"api_url": self.url, "user": self.user, "password": self.password}
{% elif auth == "oauth2" %}
        return {"api_url": self.url, "access_token": self.access_token, "refresh_token": self.refresh_token}
{% else %}
        return {"api_url": self.url}
{% endif %}

    def answer(self, request: Request) -> Response:
        """Answer one request."""
        self.requests.append(request.full_path)
        planned = self.next_answers.pop(0) if self.next_answers else None
        if planned is not None:
            return planned
{% if auth == "oauth2" %}
        if request.path == "/v1/oauth/token":
            return self.refresh(request.form)
{% endif %}
{% if auth == "token" %}
        if request.headers.get("Authorization") != f"Bearer {self.token}":
            return as_json({"error": "bad token"}, 401)
{% elif auth == "password" %}
        expected = base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
        if request.headers.get("Authorization") != f"Basic {expected}":
            return as_json({"error": "who are you?"}, 401)
{% elif auth == "oauth2" %}
        if request.headers.get("Authorization") != f"Bearer {self.access_token}":
            return as_json({"error": "bad token"}, 401)
{% endif %}
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
{% if auth == "oauth2" %}

    def refresh(self, form):
        """Give a fresh access token to whoever has the refresh token; the old one is no good any more."""
        if form.to_dict() != self.options["refresh"] | {"refresh_token": self.refresh_token}:
            return as_json({"error": "invalid_grant"}, 400)
        self.access_token = secrets.token_hex(16)
        return as_json({"access_token": self.access_token, "token_type": "Bearer", "expires_in": 3600})
{% endif %}


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


{% if cookiecutter.mode == "async" %}
@pytest.fixture(scope="session")
def anyio_backend():
    """What runs the tests that are `async def`: what runs the source, too."""
    return "asyncio"


{% endif %}
@pytest.fixture
def no_waiting():
    """Failed requests are repeated as often as ever, but at once."""
    with stamina.set_testing(True, attempts=100, cap=True):
        yield


@pytest.fixture
def waits():
    """The waits before a request is repeated, in seconds."""
    seconds = []

    def note(retry):
        assert retry.wait_for < 30, "the test would take as long"
        seconds.append(retry.wait_for)

    stamina.instrumentation.set_on_retry_hooks([note])
    yield seconds
    stamina.instrumentation.set_on_retry_hooks(None)


# These the data source contract asks for.


@pytest.fixture
def panoply_params(api):
    return api.params


@pytest.fixture
def panoply_bad_params(api):
{% if auth == "token" %}
    return api.params | {"token": secrets.token_hex(16)}
{% elif auth == "password" %}
    return api.params | {"password": secrets.token_hex(16)}
{% elif auth == "oauth2" %}
    return api.params | {"access_token": secrets.token_hex(16), "refresh_token": secrets.token_hex(16)}


@pytest.fixture
def panoply_options(api):
    return api.options
{% else %}
    return api.params | {"api_url": f"{api.url}/nowhere"}
{% endif %}
