{% set is_async = cookiecutter.mode == "async" %}
{% set a = "async " if is_async else "" %}
{% set w = "await " if is_async else "" %}
{% set oauth2 = cookiecutter.auth == "oauth2" %}
"""Decides what to read next, tells how far it is, and where to go on after a stop.

The position moves only after rows have been read: a `read()` that failed can be called again, and goes on as if nothing
had happened. Rows are told from one another by where they stand: a file that has changed is read again from its beginning.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from io import TextIOWrapper
from itertools import islice
from typing import {{ "IO, " if oauth2 }}Any, TextIO

import panoply

from .rows import rows_of
{% set needed = ["File", cookiecutter.__class ~ "Files"] + (["AccessRefused", "token_url"] if oauth2 else []) %}
from .store import {{ needed | import_order | join(", ") }}

__all__ = ["Stream"]

BATCH = 1000


class Stream(panoply.DataSource):
    """Gives the rows of the files that fit the pattern, one file after the other.

    Each row carries `__table`, which is named after its file, and `__state`, the id of the state that its batch leads to.
    """

    def __init__(self, source: dict[str, Any], options: dict[str, Any] | None = None) -> None:
        super().__init__(source, options)
        if not source.get("destination"):
            source["destination"] = "{{ cookiecutter.package }}_{__table}"
        self._state: dict[str, Any] = source.pop("state", None) or {}
        self._store = {{ cookiecutter.__class }}Files(source)

        # The position: the files still to read, the current one first, and how many of its rows have been given out.
        self._waiting: list[File] | None = None  # not known before the first read(): the constructor asks nobody
        self._given = 0

        # The current file, once it is open, and the rows that are left of it, each with whether it is the last one.
        self._text: TextIO | None = None
        self._rows: Iterator[tuple[dict[str, Any], bool]] = iter(())

        # In bytes, for the progress: of all files, and of those that have been read.
        self._size = 0
        self._finished = 0

    {{ a }}def read(self, n: int | None = None) -> list[dict[str, Any]] | None:
        """Give at most `n` rows, never of more than one file. A file without rows gives an empty batch."""
        if self._waiting is None:
            self._waiting = {{ w }}self._begin()
        if not self._waiting:
            return None

        file = self._waiting[0]
        if self._text is None:
            opened = {{ w }}self._{{ "fetch" if oauth2 else "store.open" }}(file)
            self._text = TextIOWrapper(opened, encoding="utf-8-sig", newline="")
            # After a failure, or a stop, some of its rows have been given out before.
            self._rows = islice(rows_of(file.name, self._text), self._given, None)
            self.log(f"{file.name}: {file.size:,} bytes, from row {self._given + 1} on")
        try:
            taken = list(islice(self._rows, n if n and n > 0 else BATCH))
        except BaseException:
            self._close_file()  # a further read() opens it anew, and never takes a failure for the end of the file
            raise
        self._given += len(taken)

        at_end = not taken or taken[-1][1]
        loaded = self._finished + (file.size if at_end else min(self._text.buffer.tell(), file.size))
        self.progress(loaded, self._size, f"{file.name}: {self._given:,} rows, {loaded:,}/{self._size:,} bytes in all")
        batch = self._mark([row for row, _ in taken], file, at_end=at_end)
        if at_end:
            self._close_file()
            self._waiting.pop(0)
            self._finished, self._given = loaded, 0
        return batch

    {{ a }}def close(self) -> None:
        """Close what is open. Works any number of times, also before the first `read()`."""
        self._close_file()
{% if cookiecutter.auth != "none" %}
        {{ w }}self._store.close()
{% endif %}

{% if oauth2 %}
    @panoply.validate_token(token_url, AccessRefused)
    {{ a }}def _list(self, pattern: str) -> list[File]:
        return {{ w }}self._store.files(pattern)

    @panoply.validate_token(token_url, AccessRefused)
    {{ a }}def _fetch(self, file: File) -> IO[bytes]:
        return {{ w }}self._store.open(file)

{% endif %}
    {{ a }}def _begin(self) -> list[File]:
        """Find what there is to read: new and changed files, and what is left of the one where a stopped run left off."""
        found = {{ w }}self._{{ "list" if oauth2 else "store.files" }}(str(self.source.get("pattern") or "*"))
        readable = [file for file in found if file.name.lower().endswith((".csv", ".jsonl", ".ndjson"))]
        waiting = [file for file in readable if self._state.get(_key(file)) != file.version]
        stopped = self._state.get("stopped") or {}
        waiting.sort(key=lambda file: file.name != stopped.get("name"))
        if waiting and (waiting[0].name, waiting[0].version) == (stopped.get("name"), stopped.get("version")):
            self._given = int(stopped["row"])
        self._size = sum(file.size for file in waiting)
        others = len(found) - len(readable)
        self.log(f"{len(waiting)} files to read, {len(readable) - len(waiting)} read before, {others} of other kinds")
        return waiting

    def _mark(self, rows: list[dict[str, Any]], file: File, *, at_end: bool) -> list[dict[str, Any]]:
        """Report the position and mark the rows that lead to it."""
        if not rows:
            return []
        # The platform keeps what was reported before for keys that are not reported again: each file that was read to its
        # end has a key of its own.
        state: dict[str, Any] = {"stopped": {"name": file.name, "version": file.version, "row": self._given}}
        if at_end:
            state = {"stopped": None, _key(file): file.version}
        state_id = uuid.uuid4().hex
        self.state(state_id, state)
        table = re.sub(r"\W+", "_", file.name.rpartition(".")[0]).strip("_").lower() or "rows"
        return [{**row, "__table": table, "__state": state_id} for row in rows]

    def _close_file(self) -> None:
        if self._text is not None:
            self._text.close()
            self._text = None


def _key(file: File) -> str:
    return f"file {file.name}"
