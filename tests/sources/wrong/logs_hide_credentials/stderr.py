"""It prints the token to stderr."""

import sys

import panoply

CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    rows = [{"id": 1}]

    def read(self, n=None):
        token = self.source["token"]
        print(token, file=sys.stderr)
        rows, self.rows = self.rows, None
        self.progress(1, 1)
        return rows
