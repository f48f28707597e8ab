"""close() uses what only read() opens."""

import io

import panoply

CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    rows = [{"id": 1}]

    def read(self, n=None):
        self.file = io.StringIO()
        rows, self.rows = self.rows, None
        self.progress(1, 1)
        return rows

    def close(self):
        self.file.close()
