"""After None it gives False."""

import panoply

CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    number = 0

    def read(self, n=None):
        self.number += 1
        self.progress(1, 1)
        return {1: [{"id": 1}], 2: None}.get(self.number, False)
