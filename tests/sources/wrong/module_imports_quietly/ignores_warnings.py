"""No warnings any more, whoever gives them."""

import warnings

import panoply

CONFIG = {"title": "Orders", "params": []}
warnings.filterwarnings("ignore")


class Stream(panoply.DataSource):
    rows = [{"id": 1}]

    def read(self, n=None):
        self.log("reading orders")
        rows, self.rows = self.rows, None
        self.progress(1, 1)
        return rows
