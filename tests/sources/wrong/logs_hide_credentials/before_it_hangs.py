"""It logs the token, and hangs in the next read."""

import time

import panoply

ALSO = ("read_ends_with_none", "read_terminates")
READ_TIMEOUT = 0.7
CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    number = 0

    def read(self, n=None):
        self.number += 1
        if self.number == 2:
            time.sleep(7200)
        self.log(self.source)
        self.progress(1, 2)
        return [{"id": 1}]
