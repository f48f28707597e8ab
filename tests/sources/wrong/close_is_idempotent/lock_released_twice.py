"""close() releases a lock that it holds once."""

import threading

import panoply

CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    rows = [{"id": 1}]

    def __init__(self, source, options):
        super().__init__(source, options)
        self.lock = threading.Lock()
        self.lock.acquire()

    def read(self, n=None):
        rows, self.rows = self.rows, None
        self.progress(1, 1)
        return rows

    def close(self):
        self.lock.release()
