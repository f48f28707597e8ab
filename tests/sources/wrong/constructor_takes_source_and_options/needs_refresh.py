"""It takes what refreshing a token needs for granted."""

import panoply

OPTIONS = {"refresh": {"client_id": "orders", "client_secret": "cs-77aa02c4be19"}}
CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    def __init__(self, source, options):
        super().__init__(source, options)
        self.client = options.get("refresh").get("client_id")

    def read(self, n=None):
        return None
