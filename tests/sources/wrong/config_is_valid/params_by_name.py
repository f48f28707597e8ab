"""The params are a dict by their names."""

import panoply

CONFIG = {"title": "Orders", "params": {"token": {"title": "Token", "type": "password"}}}


class Stream(panoply.DataSource):
    def read(self, n=None):
        return None
