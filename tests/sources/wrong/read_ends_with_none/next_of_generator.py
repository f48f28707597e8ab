"""The generator's StopIteration gets out of read."""

import panoply

CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    def __init__(self, source, options):
        super().__init__(source, options)
        self.pages = iter([[{"id": 1}], [{"id": 2}]])

    def read(self, n=None):
        rows = next(self.pages)
        self.progress(rows[0]["id"], 2)
        return rows
