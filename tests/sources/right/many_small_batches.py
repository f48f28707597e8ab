"""Nearly as many reads as are allowed."""

import panoply

MAX_READS = 1001
WARNS = ("batches_are_large", "log_is_used")
CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    number = 0

    def read(self, n=None):
        if self.number >= 1000:
            return None
        self.number += 1
        self.progress(self.number, 1000)
        return [{"id": self.number}]
