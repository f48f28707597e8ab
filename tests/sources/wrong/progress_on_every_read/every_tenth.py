"""It says something at every tenth page."""

import panoply

CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    number = 0

    def read(self, n=None):
        self.number += 1
        if self.number > 30:
            return None
        if self.number % 10 == 0:
            self.progress(self.number, 30)
        return [{"id": self.number}]
