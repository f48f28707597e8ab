"""A thread prints it, after the read."""

import threading

import panoply

CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    rows = [{"id": 1}]

    def read(self, n=None):
        token = self.source["token"]
        threading.Timer(0.05, print, (token,)).start()
        rows, self.rows = self.rows, None
        self.progress(1, 1)
        return rows
