"""The title is missing."""

import panoply

CONFIG = {"params": [{"name": "token", "title": "Token", "type": "password"}]}


class Stream(panoply.DataSource):
    def read(self, n=None):
        return None
