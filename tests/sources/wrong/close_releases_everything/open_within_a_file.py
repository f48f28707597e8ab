"""Closes each file at its end, and is closed in the middle of one only where it is asked for less than a file at a time."""

import tempfile
from itertools import islice
from pathlib import Path

import panoply

CONFIG = {"title": "Files", "params": []}


class Stream(panoply.DataSource):
    def __init__(self, source, options):
        super().__init__(source, options)
        self._folder = tempfile.TemporaryDirectory()
        self._waiting = ["a", "b", "c"]
        self._file = None
        self._loaded = 0

    def read(self, n=None):
        if not self._waiting:
            return None
        if self._file is None:
            path = Path(self._folder.name, self._waiting[0])
            path.write_text("".join(f"{self._waiting[0]}{number}\n" for number in range(30)))
            self._file = path.open()
        rows = [{"id": line.strip()} for line in islice(self._file, n or 1000)]
        self._loaded += len(rows)
        if not rows or int(rows[-1]["id"][1:]) == 29:
            self._file.close()
            self._file = None
            self._waiting.pop(0)
        self.log(len(rows), "rows")
        self.progress(self._loaded, 90, f"{self._loaded} of 90 rows")
        return rows

    def close(self):
        self._folder.cleanup()
