"""required is the word yes."""

import panoply

CONFIG = {"title": "Orders", "params": [{"name": "token", "type": "password", "required": "yes"}]}


class Stream(panoply.DataSource):
    def read(self, n=None):
        return None
