"""An attribute called close hides the method."""

import panoply

CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    rows = [{"id": 1}]

    def __init__(self, source, options):
        super().__init__(source, options)
        self.close = False

    def read(self, n=None):
        rows, self.rows = self.rows, None
        self.progress(1, 1)
        return rows
