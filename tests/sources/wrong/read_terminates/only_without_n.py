"""It hangs only where n is None."""

import panoply

READ_TIMEOUT = 0.7
CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    left = 3

    def read(self, n=None):
        rows = []
        while len(rows) != n and (self.left or n is None):
            if self.left:
                self.left -= 1
                rows.append({"id": self.left})
        self.progress(1, 1)
        return rows or None
