"""The method that reads is called fetch."""

import panoply

CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    def fetch(self, n=None):
        return None
