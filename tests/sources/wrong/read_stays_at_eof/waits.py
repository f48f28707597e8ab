"""After None it waits for news that never come."""

import threading

import panoply

ALSO = ("read_terminates",)
READ_TIMEOUT = 0.7
CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    answers = [[{"id": 1}], None]
    number = 0

    def read(self, n=None):
        self.number += 1
        self.progress(1, 1)
        if self.number > 2:
            threading.Event().wait()
        return self.answers[self.number - 1]
