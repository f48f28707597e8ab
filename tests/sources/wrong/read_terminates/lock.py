"""It takes a lock twice."""

import threading

import panoply

ALSO = ("read_ends_with_none",)
READ_TIMEOUT = 0.7
CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    def read(self, n=None):
        lock = threading.Lock()
        lock.acquire()
        lock.acquire()
        return None
