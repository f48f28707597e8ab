"""A warning holds it."""

import warnings

import panoply

CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    rows = [{"id": 1}]

    def read(self, n=None):
        token = self.source["token"]
        warnings.warn(f"the token {token} is about to expire")
        rows, self.rows = self.rows, None
        self.progress(1, 1)
        return rows
