"""It ends politely, or so it thinks."""

import signal
import sys

import panoply

CONFIG = {"title": "Orders", "params": []}
signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))


class Stream(panoply.DataSource):
    rows = [{"id": 1}]

    def read(self, n=None):
        self.log("reading orders")
        rows, self.rows = self.rows, None
        self.progress(1, 1)
        return rows
