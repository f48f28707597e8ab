"""It hands options over as source, and source as options."""

import panoply

CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    def __init__(self, source, options):
        super().__init__(options, source)

    def read(self, n=None):
        return None
