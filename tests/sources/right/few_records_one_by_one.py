"""Fewer than a hundred records, one at a time."""

import panoply

CONFIG = {"title": "Accounts", "params": []}


class Stream(panoply.DataSource):
    number = 0

    def read(self, n=None):
        if self.number == 40:
            return None
        self.number += 1
        self.log("account", self.number)
        self.progress(self.number, 40)
        return [{"account": self.number}]
