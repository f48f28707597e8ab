"""A pool of threads fetches the pages."""

from concurrent.futures import ThreadPoolExecutor

import panoply

WARNS = ("log_is_used",)
CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    pool = None
    number = 0

    def read(self, n=None):
        if self.pool is None:
            self.pool = ThreadPoolExecutor(max_workers=4)
        if self.number >= 2:
            return None
        self.number += 1
        self.progress(self.number, 2)
        return list(self.pool.map(lambda number: {"id": number}, range(10)))

    def close(self):
        if self.pool is not None:
            self.pool.shutdown()
