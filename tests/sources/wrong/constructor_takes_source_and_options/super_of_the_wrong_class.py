"""super() begins behind DataSource, so that its constructor is left out."""

import panoply

CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    def __init__(self, source, options):
        super(panoply.DataSource, self).__init__()

    def read(self, n=None):
        return None
