"""What the class does while it is made counts as well."""

import os

import panoply

CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    os.environ.setdefault("ORDERS_REGION", "eu")
    rows = [{"id": 1}]

    def read(self, n=None):
        self.log("reading orders")
        rows, self.rows = self.rows, None
        self.progress(1, 1)
        return rows
