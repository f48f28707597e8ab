"""A thread that keeps a cache warm runs from the import on."""

import threading

import panoply

ALSO = ("close_releases_everything",)
CONFIG = {"title": "Orders", "params": []}

EVENT = threading.Event()
threading.Thread(target=EVENT.wait, name="warm", daemon=True).start()


class Stream(panoply.DataSource):
    rows = [{"id": 1}]

    def read(self, n=None):
        self.log("reading orders")
        rows, self.rows = self.rows, None
        self.progress(1, 1)
        return rows
