"""It does not call super().__init__."""

import panoply

CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    def __init__(self, source, options):
        self.rows = [{"id": 1}]

    def read(self, n=None):
        rows, self.rows = self.rows, None
        self.progress(1, 1)
        return rows
