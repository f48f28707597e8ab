"""It uses a name that does not exist."""

import panoply

CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    def read(self, n=None):
        self.progress(1, 1)
        return rows or None  # noqa: F821
