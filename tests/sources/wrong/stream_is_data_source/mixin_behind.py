"""The mixin that reads comes after DataSource, whose read wins."""

import panoply

CONFIG = {"title": "Orders", "params": []}


class Reader:
    def read(self, n=None):
        return None


class Stream(panoply.DataSource, Reader):
    pass
