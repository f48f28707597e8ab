"""One item deep in the third batch is a tuple."""

import panoply

CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    number = 0

    def read(self, n=None):
        self.number += 1
        if self.number > 3:
            return None
        self.progress(self.number, 3)
        rows = [{"id": index} for index in range(1000)]
        if self.number == 3:
            rows[-1] = ("id", 999)
        return rows
