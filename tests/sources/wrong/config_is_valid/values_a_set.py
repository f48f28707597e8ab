"""The choices are a set."""

import panoply

CONFIG = {
    "title": "Orders",
    "params": [{"name": "shop", "title": "Shop", "type": "list", "values": {"north", "south"}}],
}


class Stream(panoply.DataSource):
    def read(self, n=None):
        return None
