"""It insists on a number."""

import panoply

CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    rows = [{"id": 1}]

    def read(self, n=None):
        if not isinstance(n, int):
            raise ValueError("n must be a number")
        rows, self.rows = self.rows, None
        self.progress(1, 1)
        return rows
