"""It uses self.source before super().__init__ has set it."""

import panoply

CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    def __init__(self, source, options):
        self.user = self.source["user"]
        super().__init__(source, options)

    def read(self, n=None):
        return None
