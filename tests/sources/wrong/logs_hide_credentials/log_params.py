"""log() gets the params of the request."""

import panoply

CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    rows = [{"id": 1}]

    def read(self, n=None):
        token = self.source["token"]
        self.log("Send request", "https://acme.test/orders", {"access_token": token})
        rows, self.rows = self.rows, None
        self.progress(1, 1)
        return rows
