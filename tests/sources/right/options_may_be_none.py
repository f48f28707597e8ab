"""It can do without options."""

import panoply

WARNS = ("log_is_used",)
CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    def __init__(self, source, options=None):
        super().__init__(source, options)
        self.limit = self.options.get("limit", 10)
        self.refresh = (options or {}).get("refresh")

    def read(self, n=None):
        return None
