"""It forks by hand, and the child leaves by way of an exception, as from a failing exec."""

import os

import panoply

WARNS = ("log_is_used",)
CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    number = 0

    def read(self, n=None):
        self.number += 1
        if self.number > 2:
            return None
        pid = os.fork()
        if pid == 0:
            raise FileNotFoundError("no such program")
        os.waitpid(pid, 0)
        self.progress(self.number, 2)
        return [{"id": self.number}]
