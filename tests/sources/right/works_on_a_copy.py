"""It works off a copy of the user's list, and completes a copy of the user's objects."""

import copy

import panoply

PARAMS = {"tables": [{"name": "orders", "columns": ["amount"]}, {"name": "refunds", "columns": ["reason"]}]}
CONFIG = {"title": "Shop", "params": [{"name": "tables", "title": "Tables", "type": "list"}]}


class Stream(panoply.DataSource):
    def __init__(self, source, options):
        super().__init__(source, options)
        self.tables = copy.deepcopy(source["tables"])
        self.total = len(self.tables)

    def read(self, n=None):
        if not self.tables:
            return None
        table = self.tables.pop(0)
        table["columns"].insert(0, "id")
        self.log("table", table["name"])
        self.progress(self.total - len(self.tables), self.total)
        return [dict.fromkeys(table["columns"], row) for row in range(30)]
