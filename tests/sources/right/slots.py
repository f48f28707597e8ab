"""It has slots, and an attribute that may not be read before it is set."""

import panoply

WARNS = ("log_is_used",)
CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    __slots__ = ("rows",)

    def __init__(self, source, options):
        super().__init__(source, options)
        self.rows = [{"id": 1}]

    def read(self, n=None):
        rows, self.rows = self.rows, None
        self.progress(1, 1)
        return rows
