"""It takes no options."""

import panoply

CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    def __init__(self, source):
        super().__init__(source, {})

    def read(self, n=None):
        return None
