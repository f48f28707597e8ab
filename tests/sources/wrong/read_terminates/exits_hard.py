"""It ends the process, which looks like success."""

import os

import panoply

ALSO = ("read_ends_with_none",)
CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    def read(self, n=None):
        os._exit(0)
        return None
