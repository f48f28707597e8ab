"""read is indented into the constructor by mistake."""

import panoply

CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    def __init__(self, source, options):
        super().__init__(source, options)

        def read(self, n=None):
            return None
