"""In a record group the id is in the metadata rather than in each of the rows."""

import panoply

CONFIG = {"title": "Shop", "params": []}


class Stream(panoply.DataSource):
    tables = ("orders", "refunds", "customers")

    def __init__(self, source, options):
        super().__init__(source, options)
        self.done = (source.get("state") or {}).get("done", 0)

    def read(self, n=None):
        if self.done == len(self.tables):
            return None
        table = self.tables[self.done]
        self.done += 1
        self.log("table", table)
        self.progress(self.done, len(self.tables))
        self.state(table, {"done": self.done})
        rows = [{"id": number} for number in range(30)]
        return [{"data": rows, "metadata": {"resource_id": table, "__state": table}}]
