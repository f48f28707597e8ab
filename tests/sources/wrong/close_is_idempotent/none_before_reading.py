"""close() calls a method of None."""

import io

import panoply

CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    rows = [{"id": 1}]
    client = None

    def read(self, n=None):
        self.client = io.StringIO()
        rows, self.rows = self.rows, None
        self.progress(1, 1)
        return rows

    def close(self):
        self.client.close()
