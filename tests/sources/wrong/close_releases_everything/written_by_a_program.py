"""A program writes the export, and nobody removes it."""

import os
import subprocess
import tempfile

import panoply

CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    rows = [{"id": 1}]

    def read(self, n=None):
        self.log("reading orders")
        if self.rows is not None:
            path = os.path.join(tempfile.gettempdir(), f"panoply-case-{os.getpid()}")
            subprocess.run(["cp", __file__, path], check=True)
        rows, self.rows = self.rows, None
        self.progress(1, 1)
        return rows
