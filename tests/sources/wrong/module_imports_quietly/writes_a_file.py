"""A lock file, which is gone at once."""

import tempfile

import panoply

CONFIG = {"title": "Orders", "params": []}
with tempfile.NamedTemporaryFile("w", prefix="orders-") as lock:
    lock.write("locked")


class Stream(panoply.DataSource):
    rows = [{"id": 1}]

    def read(self, n=None):
        self.log("reading orders")
        rows, self.rows = self.rows, None
        self.progress(1, 1)
        return rows
