"""It says everything in the constructor."""

import panoply

CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    rows = [{"id": 1}]

    def __init__(self, source, options):
        super().__init__(source, options)
        self.progress(1, 1, "connected")

    def read(self, n=None):
        rows, self.rows = self.rows, None
        return rows
