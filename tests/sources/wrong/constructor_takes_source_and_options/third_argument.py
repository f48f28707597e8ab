"""It wants a third argument."""

import panoply

CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    def __init__(self, source, options, session):
        super().__init__(source, options)
        self.session = session

    def read(self, n=None):
        return None
