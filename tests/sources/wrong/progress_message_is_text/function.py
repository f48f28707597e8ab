"""The message is a function that would give it."""

import panoply

CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    done = False

    def read(self, n=None):
        if self.done:
            return None
        self.done = True
        self.progress(1, 2, lambda: "1 of 2")
        return [{"id": 1}, {"id": 2}]
