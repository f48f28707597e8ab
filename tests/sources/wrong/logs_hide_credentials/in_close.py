"""close() prints it."""

import panoply

CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    def read(self, n=None):
        return None

    def close(self):
        print("closing", vars(self))
