"""log() gets the options, which hold a client's secret."""

import panoply

OPTIONS = {"refresh": {"client_id": "orders", "client_secret": "cs-77aa02c4be19"}}
CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    rows = [{"id": 1}]

    def read(self, n=None):
        self.source["token"]
        self.log(f"options: {self.options['refresh']}")
        rows, self.rows = self.rows, None
        self.progress(1, 1)
        return rows
