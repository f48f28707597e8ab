"""It overrides progress, and tells the log instead."""

import panoply

CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    rows = [{"id": 1}]

    def progress(self, loaded, total, msg=""):
        self.log(loaded, total, msg)

    def read(self, n=None):
        rows, self.rows = self.rows, None
        self.progress(1, 1, "read")
        return rows
