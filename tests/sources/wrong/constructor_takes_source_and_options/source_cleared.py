"""It sets source to None once it has what it needs."""

import panoply

CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    def __init__(self, source, options):
        super().__init__(source, options)
        self.token = source["token"]
        self.source = None

    def read(self, n=None):
        return None
