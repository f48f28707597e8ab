"""A number of a foreign type."""

import panoply

CONFIG = {"title": "Orders", "params": []}


class int64:
    def __init__(self, value):
        self.value = value

    def __index__(self):
        return self.value

    __int__ = __index__


class Stream(panoply.DataSource):
    done = False

    def read(self, n=None):
        if self.done:
            return None
        self.done = True
        self.progress(1, 1, "read")
        return [{"id": int64(1)}]
