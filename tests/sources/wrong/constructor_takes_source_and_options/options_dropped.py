"""It hands only source over: log() finds no logger."""

import panoply

CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    def __init__(self, source, options):
        super().__init__(source)

    def read(self, n=None):
        return None
