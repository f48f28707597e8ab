"""log() gets an exception whose message is the URL."""

import panoply

CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    rows = [{"id": 1}]

    def read(self, n=None):
        token = self.source["token"]
        try:
            raise ConnectionError(f"GET https://acme.test/?token={token}")
        except ConnectionError as exc:
            self.log("retrying", exc)
        rows, self.rows = self.rows, None
        self.progress(1, 1)
        return rows
