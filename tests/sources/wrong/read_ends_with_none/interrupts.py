"""EOF is a KeyboardInterrupt."""

import panoply

MAX_READS = 50
CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    done = False

    def read(self, n=None):
        self.progress(1, 1)
        if self.done:
            raise KeyboardInterrupt
        self.done = True
        return [{"id": 1}]
