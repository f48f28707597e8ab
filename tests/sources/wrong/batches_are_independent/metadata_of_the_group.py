"""Record groups share one metadata dict, whose resource changes from table to table."""

import panoply

CONFIG = {"title": "Shop", "params": []}


class Stream(panoply.DataSource):
    number = 0
    tables = ("orders", "refunds", "customers")

    def __init__(self, source, options):
        super().__init__(source, options)
        self.metadata = {"resource_id": None, "schema": "shop"}

    def read(self, n=None):
        if self.number == len(self.tables):
            return None
        self.metadata["resource_id"] = self.tables[self.number]
        self.number += 1
        self.log("table", self.number)
        self.progress(self.number, len(self.tables))
        return [{"data": [{"id": row} for row in range(30)], "metadata": self.metadata}]
