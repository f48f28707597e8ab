"""Only the first read says something."""

import panoply

CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    number = 0

    def read(self, n=None):
        self.number += 1
        if self.number == 1:
            self.progress(0, 3, "reading")
        return [{"id": self.number}] if self.number <= 3 else None
