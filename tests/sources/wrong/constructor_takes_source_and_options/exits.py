"""It exits where it does not like the params."""

import sys

import panoply

CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    def __init__(self, source, options):
        super().__init__(source, options)
        if "bucket" not in source:
            sys.exit("no bucket")

    def read(self, n=None):
        return None
