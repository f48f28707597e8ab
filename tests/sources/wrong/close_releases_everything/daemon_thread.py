"""A daemon thread that fetches ahead is never told to end."""

import queue
import threading

import panoply

CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    number = 0

    def __init__(self, source, options):
        super().__init__(source, options)
        self.pages = queue.Queue(maxsize=1)
        threading.Thread(target=self.fetch, daemon=True).start()

    def fetch(self):
        for number in range(9):
            self.pages.put([{"id": number}])
        while True:
            self.pages.put(None)

    def read(self, n=None):
        self.log("reading orders")
        rows = self.pages.get(timeout=5)
        if rows is None:
            return None
        self.number += 1
        self.progress(self.number, 9)
        return rows
