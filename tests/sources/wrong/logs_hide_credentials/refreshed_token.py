"""It announces a new token, and logs it."""

import panoply

CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    rows = [{"id": 1}]

    def read(self, n=None):
        self.source["token"]
        fresh = "fresh-4407bd19e6"
        self.fire("source-change", {"token": fresh})
        self.log("new token:", fresh)
        rows, self.rows = self.rows, None
        self.progress(1, 1)
        return rows
