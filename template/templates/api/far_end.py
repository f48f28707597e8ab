{% set is_async = cookiecutter.mode == "async" %}
{% set a = "async " if is_async else "" %}
{% set w = "await " if is_async else "" %}
{% set auth = cookiecutter.auth %}
"""Speaks HTTP with the API: all that is particular to it is in this file, and what goes wrong is explained here.

{% if auth == "none" %}
The API is open to everybody: no request carries a credential.
{% elif auth == "password" %}
User and password travel in the `Authorization` header alone. No URL, message or `repr` holds them.
{% else %}
The token travels in the `Authorization` header alone. No URL, message or `repr` holds it.
{% endif %}
"""

from __future__ import annotations

{% if auth in ("token", "oauth2") %}
import re
{% endif %}
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx
import panoply
import stamina

API_URL = "https://api.example.com/v1"

# As many rows as the API gives at once, and the same in every request: "page 3" means nothing without a size. Should it
# ever be made larger, the states of stopped runs, which hold a page number, lead too far ahead.
PAGE_SIZE = 1000

# Seconds to wait for each piece of an answer, and to connect: a silent API must not hang the collection.
TIMEOUT = httpx.Timeout(10, connect=5)

# What often works a moment later is asked for again: this many times in all, within so many seconds. Then `read()` raises,
# and the platform calls it again.
ATTEMPTS, PATIENCE = 4, 40
SHORT_FAILURES = (429, 500, 502, 503, 504)

# Seconds to wait at most where the API says how long, in `Retry-After`.
LONGEST_WAIT = 15


@dataclass(frozen=True, slots=True)
class Resource:
    """Something that the API has rows of."""

    id: str
    title: str


@dataclass(frozen=True, slots=True)
class Page:
    """Some rows of a resource, and how many there are in all."""

    number: int
    pages: int
    total: int
    rows: list[dict[str, Any]]

    @property
    def is_last(self) -> bool:
        """Whether no page follows."""
        return self.number >= self.pages

    def rows_after(self, taken: int) -> int:
        """Count what is left of the resource once `taken` rows of this page are taken."""
        left_here = len(self.rows) - taken
        if self.is_last:
            return left_here
        return max(left_here, self.total - (self.number - 1) * len(self.rows) - taken)


{% if auth == "oauth2" %}
class AccessRefused(panoply.PanoplyException):
    """The API does not take the access token, which may just have expired: `Stream` gets a fresh one, once."""

    def __init__(self, status: str) -> None:
        super().__init__(f"The API refused the access ({status}). Connect the account again.", retryable=False)


{% endif %}
class {{ cookiecutter.__class }}Client:
{% if auth == "none" %}
    """Asks the API."""
{% else %}
    """Asks the API, as the user whose credentials are among the params."""
{% endif %}

    def __init__(self, source: Mapping[str, Any]) -> None:
{% if auth == "token" %}
        headers = {"Authorization": f"Bearer {_token(source, 'token')}"}
        self._http = httpx.{{ "Async" if is_async }}Client(base_url=_url(source), headers=headers, timeout=TIMEOUT)
{% elif auth == "password" %}
        user, password = _filled_in(source, "user"), _filled_in(source, "password")
        self._http = httpx.{{ "Async" if is_async }}Client(base_url=_url(source), auth=(user, password), timeout=TIMEOUT)
{% elif auth == "oauth2" %}
        self._source = source  # the access token in it is replaced when it has expired
        _token(source, "access_token")
        self._http = httpx.{{ "Async" if is_async }}Client(base_url=_url(source), timeout=TIMEOUT)
{% else %}
        self._http = httpx.{{ "Async" if is_async }}Client(base_url=_url(source), timeout=TIMEOUT)
{% endif %}

    {{ a }}def resources(self) -> list[Resource]:
        """List what there is to read."""
        body = {{ w }}self._get("resources")
        try:
            return [Resource(str(each["id"]), str(each.get("title") or each["id"])) for each in body["resources"]]
        except (AttributeError, KeyError, TypeError) as exc:
            raise _misshapen("resources", "resources, each with an id") from exc

    {{ a }}def page(self, resource: str, number: int) -> Page:
        """Fetch one page, whole or not at all. Pages count from 1."""
        path = quote(resource, safe="")
        body = {{ w }}self._get(path, page=number, per_page=PAGE_SIZE)
        try:
            rows = [dict(row) for row in body["items"]]
            return Page(number, int(body["pages"]), int(body["total"]), rows)
        except (KeyError, TypeError, ValueError) as exc:
            raise _misshapen(path, "items, pages and total") from exc

    {{ a }}def close(self) -> None:
        """Give the connections back. Works any number of times."""
        {{ w }}self._http.{{ "aclose" if is_async else "close" }}()

    {{ a }}def _get(self, path: str, **query: int) -> Any:
        try:
            return ({{ w }}self._ask(path, query)).json()
        except httpx.HTTPStatusError as exc:
            raise _explained(path, exc.response) from None
        except (httpx.TransportError, httpx.DecodingError, ValueError) as exc:
            raise panoply.PanoplyException(f"GET /{path}: no usable answer from the API: {exc}") from exc

    @stamina.retry(on=lambda exc: _pause(exc), attempts=ATTEMPTS, timeout=PATIENCE, wait_initial=0.5)
    {{ a }}def _ask(self, path: str, query: Mapping[str, int]) -> httpx.Response:
{% if auth == "oauth2" %}
        headers = {"Authorization": f"Bearer {_token(self._source, 'access_token')}"}
        response = {{ w }}self._http.get(path, params=query, headers=headers)
{% else %}
        response = {{ w }}self._http.get(path, params=query)
{% endif %}
        return response.raise_for_status()


def _pause(exc: Exception) -> bool | float:
    """Decide whether to ask again; a number: after so many seconds."""
    if isinstance(exc, httpx.HTTPStatusError):
        seconds = exc.response.headers.get("Retry-After", "")
        again = exc.response.status_code in SHORT_FAILURES
        return float(min(int(seconds), LONGEST_WAIT)) if again and seconds.isdecimal() else again
    return isinstance(exc, httpx.TransportError)


def _explained(path: str, response: httpx.Response) -> panoply.PanoplyException:
    status = f"{response.status_code} {response.reason_phrase}"
    if response.status_code in (401, 403):
{% if auth == "token" %}
        advice = "Check that it was copied whole, has not expired, and may read."
        return panoply.PanoplyException(f"The API refused the token ({status}). {advice}", retryable=False)
{% elif auth == "password" %}
        advice = "Check both, and that the user may read."
        return panoply.PanoplyException(f"The API refused user and password ({status}). {advice}", retryable=False)
{% elif auth == "oauth2" %}
        return AccessRefused(status)
{% else %}
        return panoply.PanoplyException(f"GET /{path}: the API wants credentials ({status})", retryable=False)
{% endif %}
    again = response.status_code in SHORT_FAILURES
    return panoply.PanoplyException(f"GET /{path}: the API answered {status}", retryable=again)


def _misshapen(path: str, expected: str) -> panoply.PanoplyException:
    return panoply.PanoplyException(f"GET /{path}: the API's answer has another shape; expected {expected}")


def _url(source: Mapping[str, Any]) -> str:
    return str(source.get("api_url") or API_URL).rstrip("/")
{% if auth == "oauth2" %}


def token_url(source: Mapping[str, Any]) -> str:
    """Tell where a fresh access token is had."""
    return f"{_url(source)}/oauth/token"
{% endif %}
{% if auth != "none" %}


def _filled_in(source: Mapping[str, Any], name: str) -> str:
    value = str(source.get(name) or "").strip()
    if not value:
        raise panoply.PanoplyException(f"The param '{name}' is missing. Fill in its field.", retryable=False)
    return value
{% endif %}
{% if auth in ("token", "oauth2") %}


def _token(source: Mapping[str, Any], name: str) -> str:
    token = _filled_in(source, name)
    # Checked here because the HTTP library's own complaint quotes what it complains about.
    if not re.fullmatch(r"[!-~]+", token):
        message = f"The param '{name}' holds a blank, a line break or a character that no token has. Copy it again."
        raise panoply.PanoplyException(message, retryable=False)
    return token
{% endif %}
