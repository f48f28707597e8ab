"""The method is called Read."""

import panoply

CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    def Read(self, n=None):
        return None
