"""It says so in a thread, long after the read."""

import threading

import panoply

CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    done = False

    def read(self, n=None):
        if self.done:
            return None
        self.done = True
        threading.Timer(5, self.progress, (1, 1)).start()
        return [{"id": 1}]
