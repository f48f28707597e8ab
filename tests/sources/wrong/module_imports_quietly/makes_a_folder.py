"""A cache folder, made and removed again."""

import os
import tempfile

import panoply

CONFIG = {"title": "Orders", "params": []}
os.rmdir(tempfile.mkdtemp(prefix="orders-"))


class Stream(panoply.DataSource):
    rows = [{"id": 1}]

    def read(self, n=None):
        self.log("reading orders")
        rows, self.rows = self.rows, None
        self.progress(1, 1)
        return rows
