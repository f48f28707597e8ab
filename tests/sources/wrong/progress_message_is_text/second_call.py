"""The second call in a read has no text."""

import panoply

CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    done = False

    def read(self, n=None):
        if self.done:
            return None
        self.done = True
        self.progress(1, 2, "half")
        self.progress(2, 2, None)
        return [{"id": 1}]
