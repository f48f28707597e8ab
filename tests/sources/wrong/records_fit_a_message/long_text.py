"""A document's whole text is one column."""

import panoply

CONFIG = {"title": "Documents", "params": []}


class Stream(panoply.DataSource):
    number = 0

    def read(self, n=None):
        self.number += 1
        if self.number > 3:
            return None
        self.log("document", self.number)
        self.progress(self.number, 3)
        return [{"id": self.number, "text": "All work and no play. " * (100, 14_000, 100)[self.number - 1]}]
