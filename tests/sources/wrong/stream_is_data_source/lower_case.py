"""The name begins with a small letter."""

import panoply

CONFIG = {"title": "Orders", "params": []}


class Orders(panoply.DataSource):
    def read(self, n=None):
        return None


stream = Orders
