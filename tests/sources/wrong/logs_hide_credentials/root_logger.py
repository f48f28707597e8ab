"""It uses the root logger."""

import logging

import panoply

CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    rows = [{"id": 1}]

    def read(self, n=None):
        token = self.source["token"]
        logging.error("token %s", token)
        rows, self.rows = self.rows, None
        self.progress(1, 1)
        return rows
