"""Only the second close() prints it."""

import panoply

CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    closed = False

    def read(self, n=None):
        return None

    def close(self):
        if self.closed:
            print("closed already:", self.source)
        self.closed = True
