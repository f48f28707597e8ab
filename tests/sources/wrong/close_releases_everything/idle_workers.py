"""The pool of threads waits for more work."""

from concurrent.futures import ThreadPoolExecutor

import panoply

CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    number = 0

    def __init__(self, source, options):
        super().__init__(source, options)
        self.pool = ThreadPoolExecutor(2)

    def read(self, n=None):
        self.log("reading orders")
        if self.number == 2:
            return None
        self.number += 1
        rows = list(self.pool.map(lambda number: {"id": number}, range(10)))
        self.progress(self.number, 2)
        return rows
