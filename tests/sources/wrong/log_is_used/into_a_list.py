"""Messages are collected for a summary that nobody writes."""

import panoply

CONFIG = {"title": "Shop", "params": []}


class Stream(panoply.DataSource):
    def __init__(self, source, options):
        super().__init__(source, options)
        self.messages = []
        self.tables = ["orders", "refunds"]

    def read(self, n=None):
        if not self.tables:
            return None
        table = self.tables.pop(0)
        self.messages.append(f"reading {table}")
        self.progress(2 - len(self.tables), 2, table)
        return [{"table": table, "id": number} for number in range(30)]

    def close(self):
        self.messages.clear()
