"""It does not call super().__init__, and reads from self.source."""

import panoply

ALSO = ("read_ends_with_none",)
CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    def __init__(self, source, options):
        self.done = False

    def read(self, n=None):
        if self.done:
            return None
        rows = [{"user": self.source["user"]}]
        self.done = True
        return rows
