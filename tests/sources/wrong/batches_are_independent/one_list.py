"""One list for all batches, cleared and filled again."""

import panoply

CONFIG = {"title": "Shop", "params": []}


class Stream(panoply.DataSource):
    number = 0

    def __init__(self, source, options):
        super().__init__(source, options)
        self.batch = []

    def read(self, n=None):
        if self.number >= 120:
            return None
        self.batch.clear()
        self.batch.extend({"id": self.number + i} for i in range(30))
        self.number += 30
        self.log("rows:", self.number)
        self.progress(self.number, 120)
        return self.batch
