"""What the module opens at import, nobody closes."""

import panoply

CONFIG = {"title": "Orders", "params": []}
COLUMNS = open(__file__)


class Stream(panoply.DataSource):
    rows = [{"id": 1}]

    def read(self, n=None):
        self.log("reading orders")
        rows, self.rows = self.rows, None
        self.progress(1, 1)
        return rows
