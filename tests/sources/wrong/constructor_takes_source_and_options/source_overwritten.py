"""It uses the name source for its client."""

import panoply

CONFIG = {"title": "Orders", "params": []}


class Client:
    pass


class Stream(panoply.DataSource):
    def __init__(self, source, options):
        super().__init__(source, options)
        self.source = Client()

    def read(self, n=None):
        return None
