"""An oauth param does not say where."""

import panoply

CONFIG = {"title": "Orders", "params": [{"name": "access_token", "type": "oauth"}]}


class Stream(panoply.DataSource):
    def read(self, n=None):
        return None
