"""A timer is set anew at each read."""

import threading

import panoply

CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    number = 0

    def read(self, n=None):
        self.log("reading orders")
        if self.number == 2:
            return None
        timer = threading.Timer(3600, self.log, ("the token may have expired",))
        timer.daemon = True
        timer.start()
        self.number += 1
        self.progress(self.number, 2)
        return [{"id": self.number}]
