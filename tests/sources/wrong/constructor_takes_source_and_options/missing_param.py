"""It needs a param that nobody provides."""

import panoply

CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    def __init__(self, source, options):
        super().__init__(source, options)
        self.bucket = source["bucket"]

    def read(self, n=None):
        return None
