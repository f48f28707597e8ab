"""Something else comes before n, and has no default."""

import panoply

CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    rows = [{"id": 1}]

    def read(self, table, n=None):
        rows, self.rows = self.rows, None
        self.progress(1, 1)
        return rows
