"""A param has a title and no name."""

import panoply

CONFIG = {"title": "Orders", "params": [{"title": "Token", "type": "password"}]}


class Stream(panoply.DataSource):
    def read(self, n=None):
        return None
