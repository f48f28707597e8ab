"""A list that is no list is iterated all the same: a number cannot be, and the keys of a dict are no tables."""

import panoply

PARAMS = {"tables": ["orders", "customers"]}
CONFIG = {
    "title": "Shop",
    "params": [{"name": "tables", "title": "Tables", "type": "list", "values": ["orders", "customers", "returns"]}],
}

ROWS = {"orders": [{"id": 1}, {"id": 2}], "customers": [{"id": 7}], "returns": []}


class Stream(panoply.DataSource):
    left = None

    def read(self, n=None):
        if self.left is None:
            self.left = [table for table in self.source["tables"] if table in ROWS]
        if not self.left:
            return None
        table = self.left.pop(0)
        self.log("reading", table)
        self.progress(1, 1 + len(self.left))
        return [{**row, "__table": table} for row in ROWS[table]]
