"""It swaps the two, and there are no params by which to tell."""

import panoply

PARAMS = {}
CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    def __init__(self, source, options):
        super().__init__(options, source)

    def read(self, n=None):
        return None
