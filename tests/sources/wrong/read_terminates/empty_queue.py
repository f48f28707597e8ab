"""It waits for a queue that nobody fills."""

import queue

import panoply

ALSO = ("read_ends_with_none",)
READ_TIMEOUT = 0.7
CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    def read(self, n=None):
        queue.Queue().get()
        return None
