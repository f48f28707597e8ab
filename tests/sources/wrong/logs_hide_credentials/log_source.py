"""log() gets the whole source."""

import panoply

CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    rows = [{"id": 1}]

    def read(self, n=None):
        self.source["token"]
        self.log(self.source)
        rows, self.rows = self.rows, None
        self.progress(1, 1)
        return rows
