"""Finds the files and fetches them over HTTP: where they lie is known in this file alone.

{% include "http/credentials.txt" %}
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import {{ "Awaitable, " if is_async }}Callable, Mapping
from dataclasses import dataclass
from fnmatch import fnmatch
from typing import IO, Any, TypeVar
from urllib.parse import quote

import httpx
import panoply
import stamina

Answer = TypeVar("Answer")

STORE_URL = "https://files.example.com/v1"

{% include "http/limits.py" %}


@dataclass(frozen=True, slots=True)
class File:
    """A file that there is to read. `version` is another one when its contents have changed; `size` is in bytes."""

    name: str
    size: int
    version: str


{% include "http/refused.py" %}
class {{ cookiecutter.__class }}Files:
    """The files that the store has for the user whose credentials are among the params."""

{% include "http/init.py" %}

    {{ a }}def files(self, pattern: str) -> list[File]:
        """List the files whose names fit the pattern, in the order of their names."""
        response = {{ w }}self._asking("files", self._ask)
        try:
            found = [
                File(str(each["name"]), int(each["size"]), f"{each['modified']}-{each['size']}")
                for each in response.json()["files"]
            ]
        except (KeyError, TypeError, ValueError) as exc:
            raise _misshapen("files", "files, each with name, size and modified") from exc
        return sorted((file for file in found if fnmatch(file.name, pattern)), key=lambda file: file.name)

    {{ a }}def open(self, file: File) -> IO[bytes]:
        """Fetch a file, whole or not at all, and open the copy: a file without a name, which is gone once it is closed."""
        return {{ w }}self._asking(f"files/{quote(file.name)}", self._fetch)

    {{ a }}def close(self) -> None:
        """Give the connections back. Works any number of times."""
        {{ w }}self._http.{{ "aclose" if is_async else "close" }}()

{% if is_async %}
    async def _asking(self, path: str, ask: Callable[[str], Awaitable[Answer]]) -> Answer:
{% else %}
    def _asking(self, path: str, ask: Callable[[str], Answer]) -> Answer:
{% endif %}
        try:
            return {{ w }}ask(path)
        except httpx.HTTPStatusError as exc:
            raise _explained(path, exc.response) from None
        except (httpx.TransportError, httpx.DecodingError) as exc:
            raise panoply.PanoplyException(f"GET /{path}: no usable answer from the {{ far }}: {exc}") from exc

    @stamina.retry(on=lambda exc: _pause(exc), attempts=ATTEMPTS, timeout=PATIENCE, wait_initial=0.5)
    {{ a }}def _ask(self, path: str) -> httpx.Response:
        return ({{ w }}self._http.get(path{{ ", headers=self._headers()" if auth == "oauth2" }})).raise_for_status()

    @stamina.retry(on=lambda exc: _pause(exc), attempts=ATTEMPTS, timeout=PATIENCE, wait_initial=0.5)
    {{ a }}def _fetch(self, path: str) -> IO[bytes]:
        copy = tempfile.TemporaryFile()  # noqa: SIM115 - whoever asked for it closes it
        try:
            {{ a }}with self._http.stream("GET", path{{ ", headers=self._headers()" if auth == "oauth2" }}) as response:
                response.raise_for_status()
                {{ a }}for piece in response.{{ "a" if is_async }}iter_bytes():
                    copy.write(piece)
        except BaseException:
            copy.close()
            raise
        copy.seek(0)
        return copy
{% if auth == "oauth2" %}

    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {_token(self._source, 'access_token')}"}
{% endif %}


{% include "http/helpers.py" %}
