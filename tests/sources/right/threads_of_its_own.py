"""A thread fetches ahead, and close() ends it."""

import queue
import threading

import panoply

CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    thread = None

    def __init__(self, source, options):
        super().__init__(source, options)
        self.pages = queue.Queue(maxsize=1)
        self.stop = threading.Event()
        self.ended = False

    def read(self, n=None):
        if self.thread is None:
            self.thread = threading.Thread(target=self.fetch)
            self.thread.start()
        rows = None if self.ended else self.pages.get(timeout=5)
        if rows is None:
            self.ended = True
            return None
        self.progress(rows[0]["id"] + 1, 3)
        return rows

    def fetch(self):
        self.log("fetching")
        for rows in [[{"id": number}] for number in range(3)] + [None]:
            while not self.stop.is_set():
                try:
                    self.pages.put(rows, timeout=0.01)
                    break
                except queue.Full:
                    continue

    def close(self):
        self.stop.set()
        if self.thread is not None:
            self.thread.join()
            self.thread = None
