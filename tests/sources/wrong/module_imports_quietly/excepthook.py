"""It wants to see all exceptions."""

import sys

import panoply

CONFIG = {"title": "Orders", "params": []}


def hook(*args):
    sys.__excepthook__(*args)


sys.excepthook = hook


class Stream(panoply.DataSource):
    rows = [{"id": 1}]

    def read(self, n=None):
        self.log("reading orders")
        rows, self.rows = self.rows, None
        self.progress(1, 1)
        return rows
