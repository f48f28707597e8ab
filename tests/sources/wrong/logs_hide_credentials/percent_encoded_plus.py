"""A space in it has become a plus."""

import urllib.parse

import panoply

PARAMS = {"token": "correct horse battery"}
CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    rows = [{"id": 1}]

    def read(self, n=None):
        token = self.source["token"]
        self.log(f"GET https://acme.test/orders?token={urllib.parse.quote_plus(token)}")
        rows, self.rows = self.rows, None
        self.progress(1, 1)
        return rows
