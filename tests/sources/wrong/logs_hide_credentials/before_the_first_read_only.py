"""It prints only where it was closed unread."""

import panoply

CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    unread = True

    def read(self, n=None):
        self.unread = False
        return None

    def close(self):
        if self.unread:
            self.log("never read:", self.source)
