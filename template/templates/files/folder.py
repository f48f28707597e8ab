"""Finds the files and opens them: where they lie is known in this file alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path
from typing import IO, Any

import panoply


@dataclass(frozen=True, slots=True)
class File:
    """A file that there is to read. `version` is another one when its contents have changed; `size` is in bytes."""

    name: str
    size: int
    version: str


class {{ cookiecutter.__class }}Files:
    """The files in a folder and in those below it."""

    def __init__(self, source: Mapping[str, Any]) -> None:
        folder = str(source.get("folder") or "").strip()
        if not folder:
            raise panoply.PanoplyException("The param 'folder' is missing. Fill in its field.", retryable=False)
        self._folder = Path(folder)

    {{ a }}def files(self, pattern: str) -> list[File]:
        """List the files whose names fit the pattern, in the order of their names."""
        if not self._folder.is_dir():
            message = f"There is no folder {self._folder}. Check the param 'folder'."
            raise panoply.PanoplyException(message, retryable=False)
        found = [path for path in self._folder.rglob("*") if path.is_file()]
        named = {path.relative_to(self._folder).as_posix(): path.stat() for path in found}
        return [
            File(name, facts.st_size, f"{facts.st_mtime_ns}-{facts.st_size}")
            for name, facts in sorted(named.items())
            if fnmatch(name, pattern)
        ]

    {{ a }}def open(self, file: File) -> IO[bytes]:
        """Open a file, to be read from its beginning."""
        try:
            return (self._folder / file.name).open("rb")
        except OSError as exc:
            # Files come and go while others are read: the platform tries again, and a later run will not find it.
            raise panoply.PanoplyException(f"{file.name} cannot be opened: {exc.strerror}") from exc
