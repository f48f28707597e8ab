"""It has all the methods, and extends nothing."""

CONFIG = {"title": "Orders", "params": []}


class Stream:
    def __init__(self, source, options):
        self.rows = [{"id": 1}]

    def read(self, n=None):
        rows, self.rows = self.rows, None
        return rows
