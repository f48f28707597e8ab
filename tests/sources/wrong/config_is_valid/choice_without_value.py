"""A choice says its name and no value."""

import panoply

CONFIG = {
    "title": "Orders",
    "params": [{"name": "shop", "title": "Shop", "type": "list", "values": [{"name": "North"}]}],
}


class Stream(panoply.DataSource):
    def read(self, n=None):
        return None
