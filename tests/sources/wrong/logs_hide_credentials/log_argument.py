"""log() gets the token as one of its arguments."""

import panoply

CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    rows = [{"id": 1}]

    def read(self, n=None):
        token = self.source["token"]
        self.log("token", token)
        rows, self.rows = self.rows, None
        self.progress(1, 1)
        return rows
