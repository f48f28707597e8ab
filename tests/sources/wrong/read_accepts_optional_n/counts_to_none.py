"""It counts to n, also where n is None."""

import panoply

CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    left = 3

    def read(self, n=None):
        rows = [{"id": number} for number in range(min(n, self.left))]
        self.left -= len(rows)
        self.progress(3 - self.left, 3)
        return rows or None
