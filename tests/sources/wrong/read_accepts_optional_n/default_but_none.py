"""n has a default, which None does not bring in."""

import panoply

CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    left = 3

    def read(self, n=100):
        rows = []
        while len(rows) < n and self.left:
            rows.append({"id": self.left})
            self.left -= 1
        self.progress(3 - self.left, 3)
        return rows or None
