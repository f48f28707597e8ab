"""The parameter of read has another name."""

import panoply

WARNS = ("log_is_used",)
CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    left = 5

    def read(self, batch_size=None):
        if not self.left:
            return None
        first = 5 - self.left
        rows = [{"id": first + number} for number in range(min(self.left, batch_size or 100))]
        self.left -= len(rows)
        self.progress(5 - self.left, 5)
        return rows
