"""The folder for the export is emptied and not removed."""

import os
import tempfile

import panoply

CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    rows = [{"id": 1}]

    def __init__(self, source, options):
        super().__init__(source, options)
        self.folder = tempfile.mkdtemp(prefix="panoply-case-")

    def read(self, n=None):
        self.log("reading orders")
        path = os.path.join(self.folder, "page")
        with open(path, "w") as file:
            file.write("id")
        os.remove(path)
        rows, self.rows = self.rows, None
        self.progress(1, 1)
        return rows
