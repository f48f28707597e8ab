"""close() waits until everything was read, which nobody does any more."""

import threading

import panoply

ALSO = ("read_terminates",)
READ_TIMEOUT = 0.5
CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    number = 0

    def __init__(self, source, options):
        super().__init__(source, options)
        self.ended = threading.Event()

    def read(self, n=None):
        self.number += 1
        if self.number > 3:
            self.ended.set()
            return None
        self.progress(self.number, 3)
        return [{"id": self.number}]

    def close(self):
        if self.number:
            self.ended.wait()
