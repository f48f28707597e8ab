{% set is_async = cookiecutter.mode == "async" %}
{% set a = "async " if is_async else "" %}
{% set w = "await " if is_async else "" %}
{% set auth = cookiecutter.auth %}
{% set far, url_param, host = "API", "api_url", "api.example.com/v1" %}
"""Speaks HTTP with the API: all that is particular to it is in this file, and what goes wrong is explained here.

{% include "http/credentials.txt" %}
"""

from __future__ import annotations

import re
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

{% include "http/limits.py" %}


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


{% include "http/refused.py" %}
class {{ cookiecutter.__class }}Client:
{% if auth == "none" %}
    """Asks the API."""
{% else %}
    """Asks the API, as the user whose credentials are among the params."""
{% endif %}

{% include "http/init.py" %}

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
            response = {{ w }}self._ask(path, query)
            # Some APIs write NaN, which no record can hold.
            return response.json(parse_constant=lambda _: None)
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


{% include "http/helpers.py" %}
