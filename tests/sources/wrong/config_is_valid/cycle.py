"""Two params wait for each other."""

import panoply

CONFIG = {
    "title": "Orders",
    "params": [
        {"name": "shop", "title": "Shop", "dependencies": ["token"]},
        {"name": "token", "type": "password", "dependencies": ["shop"]},
    ],
}


class Stream(panoply.DataSource):
    def read(self, n=None):
        return None
