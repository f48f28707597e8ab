"""EOF is an exception that says not to call again."""

import panoply

MAX_READS = 50
CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    done = False

    def read(self, n=None):
        self.progress(1, 1)
        if self.done:
            raise panoply.PanoplyException("no more orders", retryable=False)
        self.done = True
        return [{"id": 1}]
