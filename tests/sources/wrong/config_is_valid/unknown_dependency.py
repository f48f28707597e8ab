"""A param waits for one that does not exist."""

import panoply

CONFIG = {
    "title": "Orders",
    "params": [{"name": "shop", "title": "Shop", "dependencies": ["tokn"]}, {"name": "token", "type": "password"}],
}


class Stream(panoply.DataSource):
    def read(self, n=None):
        return None
