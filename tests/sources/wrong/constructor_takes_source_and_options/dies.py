"""It ends the process."""

import os

import panoply

ALSO = ("read_terminates",)
CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    def __init__(self, source, options):
        super().__init__(source, options)
        os.abort()

    def read(self, n=None):
        return None
