"""Each read takes a while, and all of them together more than one may take."""

import time

import panoply

READ_TIMEOUT = 0.7
WARNS = ("log_is_used",)
CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    number = 0

    def read(self, n=None):
        self.number += 1
        if self.number > 4:
            return None
        time.sleep(0.25)
        self.progress(self.number, 4)
        return [{"id": self.number}]
