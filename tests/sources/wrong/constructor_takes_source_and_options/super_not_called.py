"""It names super().__init__ without calling it."""

import panoply

CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    def __init__(self, source, options):
        super().__init__  # noqa: B018

    def read(self, n=None):
        return None
