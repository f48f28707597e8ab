"""It is called config."""

import panoply

config = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    def read(self, n=None):
        return None
