{% set is_async = cookiecutter.mode == "async" %}
{% set a = "async " if is_async else "" %}
{% set w = "await " if is_async else "" %}
{% set oauth2 = cookiecutter.auth == "oauth2" %}
{% set database = "self." if oauth2 else "self._database." %}
"""Decides what to read next, tells how far it is, and where to go on after a stop.

The position moves only after rows have arrived: a `read()` that failed can be called again, and goes on as if nothing had
happened.
"""

from __future__ import annotations

import uuid
from typing import Any

import panoply

{% set needed = ["Table", cookiecutter.__class ~ "Database"] + (["AccessRefused", "Row", "token_url"] if oauth2 else ["Row"]) %}
from .database import {{ needed | import_order | join(", ") }}

# Rows that a `read()` gives where it is not told how many, and at most.
USUAL, MOST = 1000, 10_000


class Stream(panoply.DataSource):
    """Gives the rows of the chosen tables, one table after the other.

    Each row carries `__table`, the table that it is of, and `__state`, the id of the state that its batch leads to.
    """

    def __init__(self, source: dict[str, Any], options: dict[str, Any] | None = None) -> None:
        super().__init__(source, options)
        if not source.get("destination"):
            source["destination"] = "{{ cookiecutter.package }}_{__table}"
        self._state: dict[str, Any] = source.pop("state", None) or {}
        self._database = {{ cookiecutter.__class }}Database(source)

        # The position: the tables still to read, the current one first, and the key of its row that was given last.
        self._waiting: list[Table] | None = None  # not known before the first read(): the constructor asks nobody
        self._finished: list[str] = []
        self._after: list[Any] | None = None

        self._loaded = 0
        self._loaded_of_table = 0

    {{ a }}def read(self, n: int | None = None) -> list[dict[str, Any]] | None:
        """Give at most `n` rows, never of more than one table. A table without rows gives an empty batch."""
        if self._waiting is None:
            self._waiting = {{ w }}self._begin(self._state)
        if not self._waiting and self._state and not self._loaded:
            # A stopped run can have nothing left but empty tables, and those have no rows to carry a new state:
            # without this, every later run would go on from the same place and read nothing.
            self._waiting = {{ w }}self._begin({})
            self._state = {}
        if not self._waiting:
            return None

        table = self._waiting[0]
        wanted = min(n, MOST) if n and n > 0 else USUAL
        # One more than wanted: so it shows whether these are the last ones.
        rows = {{ w }}{{ database }}rows(table, self._after, wanted + 1)
        self._move(table, rows[:wanted], is_last=len(rows) <= wanted)
        return self._mark(rows[:wanted], table)

    {{ a }}def close(self) -> None:
        """Close the {{ "file" if cookiecutter.auth == "none" else "connection" }}. Works any number of times, also before the first `read()`."""
        {{ w }}self._database.close()

{% if oauth2 %}
    @panoply.validate_token(token_url, AccessRefused)
    {{ a }}def tables(self) -> list[Table]:
        """List what there is to read, also for the form."""
        return {{ w }}self._database.tables()

    @panoply.validate_token(token_url, AccessRefused)
    {{ a }}def rows(self, table: Table, after: list[Any] | None, limit: int) -> list[Row]:
        """Fetch rows; with a new connection, and a fresh token for it, where that is needed."""
        return {{ w }}self._database.rows(table, after, limit)

{% endif %}
    {{ a }}def _begin(self, state: dict[str, Any]) -> list[Table]:
        """Choose what to read and where to start: at the beginning, or where a stopped run left off."""
        there = {table.name: table for table in {{ w }}{{ database }}tables()}
        # The form gives back what it was offered, {name, value}; params files often hold the values alone.
        chosen = [each["value"] if isinstance(each, dict) else each for each in self.source.get("tables") or ()]
        missing = [str(each) for each in chosen if each not in there]
        if missing or not there:
            what = f"no table {', '.join(missing)}" if missing else "no table at all"
            message = f"There is {what} that could be read; what can be chosen: {', '.join(there) or 'nothing'}."
            raise panoply.PanoplyException(message, retryable=False)
        chosen = list(dict.fromkeys(chosen or there))
        self._finished = [each for each in state.get("finished", ()) if each in chosen]
        waiting = [each for each in chosen if each not in self._finished]
        current = state.get("table")
        waiting.sort(key=lambda each: each != current)
        self._after = state.get("after") if current in waiting else None
        self.log(f"to read: {', '.join(waiting)}; {'from where the last run stopped' if self._after else 'all rows'}")
        return [there[each] for each in waiting]

    def _move(self, table: Table, rows: list[Row], *, is_last: bool) -> None:
        """Move the position behind the rows that have arrived, and tell how far it is."""
        waiting = self._waiting or []
        self._loaded += len(rows)
        self._loaded_of_table += len(rows)
        # How many are left is an estimate; each table counts as one row at least, so that the end is not announced before
        # it is reached.
        left = 0 if is_last else max(table.rows - self._loaded_of_table, 1)
        total = self._loaded + left + sum(max(each.rows, 1) for each in waiting[1:])
        if is_last:
            self._finished.append(waiting.pop(0).name)
            self._after = None
            self._loaded_of_table = 0
        else:
            self._after = rows[-1].key
        self.log(f"{table.name}: {len(rows)} rows{', the last ones' if is_last else ''}")
        self.progress(self._loaded, total, f"{table.name}: {self._loaded:,}/{total:,} rows loaded")

    def _mark(self, rows: list[Row], table: Table) -> list[dict[str, Any]]:
        """Report the position and mark the rows that lead to it."""
        if not rows:
            return []
        state_id = uuid.uuid4().hex
        self.state(state_id, self._position())
        return [{**row.values, "__table": table.name, "__state": state_id} for row in rows]

    def _position(self) -> dict[str, Any]:
        """Tell where a later run has to go on: behind the last row that was given. After everything: at the start."""
        if not self._waiting:
            return {"finished": [], "table": None, "after": None}
        return {"finished": list(self._finished), "table": self._waiting[0].name, "after": self._after}
