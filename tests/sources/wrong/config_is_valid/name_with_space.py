"""A param's name is no identifier."""

import panoply

CONFIG = {"title": "Orders", "params": [{"name": "api token", "title": "Token", "type": "password"}]}


class Stream(panoply.DataSource):
    def read(self, n=None):
        return None
