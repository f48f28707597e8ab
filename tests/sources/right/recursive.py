"""It calls itself where a page is empty."""

import panoply

WARNS = ("log_is_used",)
CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    number = 0

    def read(self, n=None):
        self.number += 1
        if self.number > 6:
            return None
        if self.number % 2:
            return self.read(n)
        self.progress(self.number, 6)
        return [{"id": self.number}]
