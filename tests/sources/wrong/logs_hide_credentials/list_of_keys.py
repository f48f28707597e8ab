"""One of several keys."""

import panoply

PARAMS = {"apiKeys": ["key-aaaa-1111", "key-bbbb-2222"]}
CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    def read(self, n=None):
        self.log(self.source["apiKeys"][1])
        return None
