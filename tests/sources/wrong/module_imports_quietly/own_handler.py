"""A handler of its own on its own logger: every line is printed twice."""

import logging

import panoply

CONFIG = {"title": "Orders", "params": []}
log = logging.getLogger(__name__)
log.addHandler(logging.StreamHandler())


class Stream(panoply.DataSource):
    rows = [{"id": 1}]

    def read(self, n=None):
        self.log("reading orders")
        rows, self.rows = self.rows, None
        self.progress(1, 1)
        return rows
