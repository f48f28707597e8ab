"""The constructor prints it."""

import panoply

CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    def __init__(self, source, options):
        super().__init__(source, options)
        print("connecting with", source)

    def read(self, n=None):
        return None
