"""The message is bytes."""

import panoply

CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    done = False

    def read(self, n=None):
        if self.done:
            return None
        self.done = True
        self.progress(1, 2, b"1 of 2")
        return [{"id": 1}, {"id": 2}]
