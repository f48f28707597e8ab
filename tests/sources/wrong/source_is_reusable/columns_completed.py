"""The key is added to the columns that the user chose, in the user's own list."""

import panoply

PARAMS = {"tables": [{"name": "orders", "columns": ["amount"]}, {"name": "refunds", "columns": ["reason"]}]}
CONFIG = {"title": "Shop", "params": [{"name": "tables", "title": "Tables", "type": "list"}]}


class Stream(panoply.DataSource):
    number = 0

    def read(self, n=None):
        if self.number == len(self.source["tables"]):
            return None
        table = self.source["tables"][self.number]
        table["columns"].insert(0, "id")
        self.number += 1
        self.log("table", table["name"], table["columns"])
        self.progress(self.number, len(self.source["tables"]))
        return [dict.fromkeys(table["columns"], row) for row in range(30)]
