"""The title has nothing in it."""

import panoply

CONFIG = {"title": " ", "params": []}


class Stream(panoply.DataSource):
    def read(self, n=None):
        return None
