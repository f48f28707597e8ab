"""It is silent about a batch without rows."""

import panoply

CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    number = 0

    def read(self, n=None):
        self.number += 1
        if self.number > 3:
            return None
        rows = [{"id": self.number}] if self.number != 2 else []
        if rows:
            self.progress(self.number, 3)
        return rows
