"""The second close() finds nothing to close."""

import io

import panoply

CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    rows = [{"id": 1}]

    def __init__(self, source, options):
        super().__init__(source, options)
        self.connection = io.StringIO()

    def read(self, n=None):
        rows, self.rows = self.rows, None
        self.progress(1, 1)
        return rows

    def close(self):
        self.connection.close()
        self.connection = None
