"""A pool of processes is closed and not ended."""

import multiprocessing

import panoply

CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    pool = None
    number = 0

    def read(self, n=None):
        self.log("reading orders")
        if self.number == 2:
            return None
        if self.pool is None:
            self.pool = multiprocessing.get_context("fork").Pool(1)
        self.number += 1
        rows = [{"id": number} for number in self.pool.map(abs, range(3))]
        self.progress(self.number, 2)
        return rows
