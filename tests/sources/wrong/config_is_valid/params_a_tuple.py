"""The params are a tuple: one comma too many."""

import panoply

CONFIG = {"title": "Orders", "params": ({"name": "token", "title": "Token", "type": "password"},)}


class Stream(panoply.DataSource):
    def read(self, n=None):
        return None
