"""It puts another program in its place."""

import os

import panoply

ALSO = ("read_ends_with_none",)
CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    def read(self, n=None):
        os.execvp("true", ["true"])
        return None
