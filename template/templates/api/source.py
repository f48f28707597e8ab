{% set is_async = cookiecutter.mode == "async" %}
{% set a = "async " if is_async else "" %}
{% set w = "await " if is_async else "" %}
{% set oauth2 = cookiecutter.auth == "oauth2" %}
"""Decides what to read next, tells how far it is, and where to go on after a stop.

The position moves only after a page has arrived whole: a `read()` that failed can be called again, and goes on as if
nothing had happened.
"""

from __future__ import annotations

import uuid
from typing import Any

import panoply

{% set needed = ["PAGE_SIZE", "Page", cookiecutter.__class ~ "Client"] %}
{% set needed = needed + (["AccessRefused", "Resource", "token_url"] if oauth2 else []) %}
from .client import {{ needed | import_order | join(", ") }}


class Stream(panoply.DataSource):
    """Gives the rows of the chosen resources, one resource after the other.

    Each row carries `__table`, the resource that it is of, and `__state`, the id of the state that its batch leads to.
    """

    def __init__(self, source: dict[str, Any], options: dict[str, Any] | None = None) -> None:
        super().__init__(source, options)
        if not source.get("destination"):
            source["destination"] = "{{ cookiecutter.package }}_{__table}"
        self._state: dict[str, Any] = source.pop("state", None) or {}
        self._client = {{ cookiecutter.__class }}Client(source)

        # The position: the resources still to read, the current one first, and the page of it that is next.
        self._waiting: list[str] | None = None  # not known before the first read(): the constructor asks nobody
        self._finished: list[str] = []
        self._next_page = 1

        # The page that arrived last, and how many of its rows have been given out.
        self._page: Page | None = None
        self._taken = 0

        self._loaded = 0

    {{ a }}def read(self, n: int | None = None) -> list[dict[str, Any]] | None:
        """Give at most `n` rows, never of more than one page. A resource without rows gives an empty batch."""
        if self._waiting is None:
            self._waiting = {{ w }}self._begin(self._state)
        if not self._waiting and self._state and not self._loaded:
            # A stopped run can have nothing left but empty resources, and those have no rows to carry a new state:
            # without this, every later run would go on from the same place and read nothing.
            self._waiting = {{ w }}self._begin({})
            self._state = {}
        if not self._waiting:
            return None

        resource = self._waiting[0]
        if self._page is None:
{% if oauth2 %}
            self._page = {{ w }}self._fetch(resource, self._next_page)
{% else %}
            self._page = {{ w }}self._client.page(resource, self._next_page)
{% endif %}
            self.log(f"{resource}: page {self._page.number} of {self._page.pages}, {len(self._page.rows)} rows")
        page = self._page
        wanted = n if n and n > 0 else PAGE_SIZE
        rows = page.rows[self._taken : self._taken + wanted]
        self._taken += len(rows)
        self._loaded += len(rows)

        # A resource that was not begun counts as one row: so that the end is not announced before it is reached.
        total = self._loaded + page.rows_after(self._taken) + len(self._waiting) - 1
        self.progress(self._loaded, total, f"{resource}: {self._loaded:,}/{total:,} rows loaded")

        if self._taken == len(page.rows):
            self._turn_page(page)
        return self._mark(rows, resource)

    {{ a }}def close(self) -> None:
        """Close the connections. Works any number of times, also before the first `read()`."""
        {{ w }}self._client.close()

{% if oauth2 %}
    @panoply.validate_token(token_url, AccessRefused)
    {{ a }}def resources(self) -> list[Resource]:
        """List what there is to read, also for the form."""
        return {{ w }}self._client.resources()

    @panoply.validate_token(token_url, AccessRefused)
    {{ a }}def _fetch(self, resource: str, number: int) -> Page:
        return {{ w }}self._client.page(resource, number)

{% endif %}
    {{ a }}def _begin(self, state: dict[str, Any]) -> list[str]:
        """Choose what to read and where to start: at the beginning, or where a stopped run left off."""
        # The form gives back what it was offered, {name, value}; params files often hold the values alone.
        chosen = [each["value"] if isinstance(each, dict) else each for each in self.source.get("resources") or ()]
        if not chosen:
            chosen = [resource.id for resource in {{ w }}self.{{ "resources" if oauth2 else "_client.resources" }}()]
        self._finished = [each for each in state.get("finished", ()) if each in chosen]
        waiting = [each for each in dict.fromkeys(chosen) if each not in self._finished]
        current = state.get("resource")
        waiting.sort(key=lambda each: each != current)
        self._next_page = state["next_page"] if current in waiting else 1
        self.log(f"to read: {', '.join(waiting)}; from page {self._next_page} on")
        return waiting

    def _turn_page(self, page: Page) -> None:
        """Move the position behind a page that was given out to its last row."""
        self._page = None
        self._taken = 0
        self._next_page += 1
        if page.is_last and self._waiting:
            self._finished.append(self._waiting.pop(0))
            self._next_page = 1

    def _mark(self, rows: list[dict[str, Any]], resource: str) -> list[dict[str, Any]]:
        """Report the position and mark the rows that lead to it."""
        if not rows:
            return []
        state_id = uuid.uuid4().hex
        self.state(state_id, self._position())
        return [{**row, "__table": resource, "__state": state_id} for row in rows]

    def _position(self) -> dict[str, Any]:
        """Tell where a later run has to go on. In the middle of a page: at this page. After everything: at the start."""
        if not self._waiting:
            return {"finished": [], "resource": None, "next_page": 1}
        return {"finished": list(self._finished), "resource": self._waiting[0], "next_page": self._next_page}
