"""It ends the process, if it can."""

import sys

import panoply


def shops(source):
    sys.exit("no shops")


CONFIG = {"title": "Orders", "params": [{"name": "shop", "title": "Shop", "type": "list", "values": shops}]}


class Stream(panoply.DataSource):
    def __init__(self, source, options):
        super().__init__(source, options)
        self.rows = [{"id": 1}, {"id": 2}]

    def read(self, n=None):
        if not self.rows:
            return None
        rows, self.rows = self.rows, []
        self.log("read", len(rows), "orders")
        self.progress(2, 2, "orders read")
        return rows
