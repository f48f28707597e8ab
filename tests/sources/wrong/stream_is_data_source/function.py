"""Stream is a function that makes a source."""

import panoply

CONFIG = {"title": "Orders", "params": []}


class Orders(panoply.DataSource):
    def read(self, n=None):
        return None


def Stream(source, options):
    return Orders(source, options)
