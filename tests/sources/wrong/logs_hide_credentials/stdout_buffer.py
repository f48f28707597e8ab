"""It writes to the buffer of stdout, and does not flush."""

import sys

import panoply

CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    rows = [{"id": 1}]

    def read(self, n=None):
        token = self.source["token"]
        sys.stdout.buffer.write(token.encode())
        rows, self.rows = self.rows, None
        self.progress(1, 1)
        return rows
