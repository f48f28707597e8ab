"""A connection fails now and then, and the next call goes on."""

import panoply

WARNS = ("log_is_used",)
CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    calls = number = 0

    def read(self, n=None):
        if self.number >= 3:
            return None
        self.calls += 1
        if self.calls % 3:
            raise ConnectionResetError("reset by peer")
        self.number += 1
        self.progress(self.number, 3)
        return [{"id": self.number}]
