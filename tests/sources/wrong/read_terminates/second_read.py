"""The second read waits, after a good first one."""

import time

import panoply

ALSO = ("read_ends_with_none",)
READ_TIMEOUT = 0.7
CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    first = True

    def read(self, n=None):
        if not self.first:
            time.sleep(7200)
        self.first = False
        self.progress(1, 2)
        return [{"id": 1}]
