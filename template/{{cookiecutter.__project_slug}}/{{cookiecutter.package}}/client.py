"""Speaks HTTP with the API: all that is particular to it is in this file, and what goes wrong is explained here.

The token travels in the `Authorization` header alone. No URL, message or `repr` holds it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import panoply
import requests
from requests.adapters import HTTPAdapter
from urllib3 import BaseHTTPResponse, Retry

__all__ = ["API_URL", "PAGE_SIZE", "Client", "Page", "Resource"]

API_URL = "{{ cookiecutter.__api_url }}"

# As many rows as the API gives at once, and the same in every request: "page 3" means nothing without a size. Should it
# ever be made larger, the states of stopped runs, which hold a page number, lead too far ahead.
PAGE_SIZE = 1000

# Seconds to connect, and to wait for each piece of the answer: a silent API must not hang the collection.
TIMEOUT = (5, 20)

# Seconds to wait where the API asks for more. With three waits a `read()` stays within a minute; then it raises, and the
# platform calls it again.
LONGEST_WAIT = 15

SHORT_FAILURES = (429, 500, 502, 503, 504)


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


class Client:
    """Asks the API, as the user whose token is among the params."""

    def __init__(self, source: Mapping[str, Any]) -> None:
        self._url = str(source.get("api_url") or API_URL).rstrip("/")
        self._session = requests.Session()
        self._session.auth = _Bearer(str(source.get("token") or "").strip())
        self._session.mount("http://", HTTPAdapter(max_retries=_RETRY))
        self._session.mount("https://", HTTPAdapter(max_retries=_RETRY))

    def resources(self) -> list[Resource]:
        """List what there is to read."""
        body = self._get("resources")
        try:
            return [Resource(str(each["id"]), str(each.get("title") or each["id"])) for each in body["resources"]]
        except (AttributeError, KeyError, TypeError) as exc:
            raise _misshapen("resources", "resources, each with an id") from exc

    def page(self, resource: str, number: int) -> Page:
        """Fetch one page, whole or not at all. Pages count from 1."""
        path = quote(resource, safe="")
        body = self._get(path, page=number, per_page=PAGE_SIZE)
        try:
            rows = [dict(row) for row in body["items"]]
            return Page(number, int(body["pages"]), int(body["total"]), rows)
        except (KeyError, TypeError, ValueError) as exc:
            raise _misshapen(path, "items, pages and total") from exc

    def close(self) -> None:
        """Give the connections back. Works any number of times."""
        self._session.close()

    def _get(self, path: str, **query: int) -> Any:
        try:
            response = self._session.get(f"{self._url}/{path}", params=query, timeout=TIMEOUT)
            if response.ok:
                return response.json()
        except requests.RequestException as exc:
            raise panoply.PanoplyException(f"GET /{path}: no usable answer from the API: {exc}") from exc
        status = f"{response.status_code} {response.reason}"
        if response.status_code in (401, 403):
            raise panoply.PanoplyException(
                f"The API refused the token ({status}). Check that it was copied whole, has not expired, and may read.",
                retryable=False,
            )
        raise panoply.PanoplyException(
            f"GET /{path}: the API answered {status}", retryable=response.status_code in SHORT_FAILURES
        )


class _Bearer(requests.auth.AuthBase):
    """Puts the token into the header. A `netrc` file would overrule a header that is set in any other way."""

    def __init__(self, token: str) -> None:
        if not token:
            raise panoply.PanoplyException("The token is missing. Enter it in the field 'Token'.", retryable=False)
        # Checked here because the HTTP library's own complaint quotes what it complains about.
        if not re.fullmatch(r"[!-~]+", token):
            raise panoply.PanoplyException(
                "The token holds a blank, a line break or a character that no token has. Copy it again.",
                retryable=False,
            )
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


class _Retry(Retry):
    """Waits as long as the API asks, within reason."""

    def get_retry_after(self, response: BaseHTTPResponse) -> float | None:
        seconds = super().get_retry_after(response)
        return None if seconds is None else min(seconds, LONGEST_WAIT)


# Three more attempts after 0, 1 and 2 seconds; a silent API (`read`) gets one. Then the answer itself is explained.
_RETRY = _Retry(total=3, read=1, backoff_factor=0.5, status_forcelist=SHORT_FAILURES, raise_on_status=False)


def _misshapen(path: str, expected: str) -> panoply.PanoplyException:
    return panoply.PanoplyException(f"GET /{path}: the API's answer has another shape; expected {expected}")
