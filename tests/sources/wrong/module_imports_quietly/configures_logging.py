"""basicConfig, for all of the process."""

import logging

import panoply

CONFIG = {"title": "Orders", "params": []}
logging.basicConfig(format="%(asctime)s %(message)s")


class Stream(panoply.DataSource):
    rows = [{"id": 1}]

    def read(self, n=None):
        self.log("reading orders")
        rows, self.rows = self.rows, None
        self.progress(1, 1)
        return rows
