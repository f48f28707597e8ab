"""The URL holds it percent-encoded."""

import urllib.parse

import panoply

CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    rows = [{"id": 1}]

    def read(self, n=None):
        token = self.source["token"]
        self.log("GET https://acme.test/orders?" + urllib.parse.urlencode({"token": token}))
        rows, self.rows = self.rows, None
        self.progress(1, 1)
        return rows
