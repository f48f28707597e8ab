"""The far end refuses every request."""

import panoply

CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    def read(self, n=None):
        raise ConnectionError("the far end refused")
