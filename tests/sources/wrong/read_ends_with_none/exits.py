"""EOF is sys.exit()."""

import sys

import panoply

MAX_READS = 50
CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    done = False

    def read(self, n=None):
        self.progress(1, 1)
        if self.done:
            sys.exit()
        self.done = True
        return [{"id": 1}]
