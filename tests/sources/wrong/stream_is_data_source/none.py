"""Stream is a placeholder that a factory was to fill."""

import panoply

CONFIG = {"title": "Orders", "params": []}
Stream = None


class Orders(panoply.DataSource):
    def read(self, n=None):
        return None


def make():
    global Stream
    Stream = Orders
