"""It can do without options."""

import panoply

CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    def __init__(self, source, options=None):
        super().__init__(source, options)
        self.limit = self.options.get("limit", 10)
        self.refresh = (options or {}).get("refresh")

    def read(self, n=None):
        return None
