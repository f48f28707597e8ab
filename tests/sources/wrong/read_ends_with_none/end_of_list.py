"""EOF is an IndexError: it pops from an empty list."""

import panoply

MAX_READS = 50
CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    done = False

    def read(self, n=None):
        self.progress(1, 1)
        if self.done:
            return [[].pop()]
        self.done = True
        return [{"id": 1}]
