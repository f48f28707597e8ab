"""Only a read after EOF prints it."""

import panoply

CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    number = 0

    def read(self, n=None):
        self.number += 1
        if self.number > 2:
            self.log("already read", self.source)
        return None
