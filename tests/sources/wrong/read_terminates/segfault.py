"""It reads from address 0."""

import ctypes

import panoply

ALSO = ("read_ends_with_none",)
CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    def read(self, n=None):
        ctypes.string_at(0)
        return None
