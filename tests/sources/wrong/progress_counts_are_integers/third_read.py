"""Only the third read goes too far."""

import panoply

CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    number = 0

    def read(self, n=None):
        self.number += 1
        if self.number > 3:
            return None
        self.progress(self.number, 2)
        return [{"id": self.number}]
