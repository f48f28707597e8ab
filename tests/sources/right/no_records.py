"""There is nothing to read at all."""

import panoply

WARNS = ("log_is_used",)
CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    def read(self, n=None):
        return None
