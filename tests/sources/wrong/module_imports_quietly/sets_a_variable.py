"""A proxy, for whoever comes after it."""

import os

import panoply

CONFIG = {"title": "Orders", "params": []}
os.environ["HTTPS_PROXY"] = "http://proxy.acme.test:3128"


class Stream(panoply.DataSource):
    rows = [{"id": 1}]

    def read(self, n=None):
        self.log("reading orders")
        rows, self.rows = self.rows, None
        self.progress(1, 1)
        return rows
