"""Stream is a partial, no class."""

import functools

import panoply

CONFIG = {"title": "Orders", "params": []}


class Orders(panoply.DataSource):
    def __init__(self, source, options, table="orders"):
        super().__init__(source, options)
        self.table = table

    def read(self, n=None):
        return None


Stream = functools.partial(Orders, table="orders")
