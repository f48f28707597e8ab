"""The first line of the constructor takes for granted what nobody may have entered: KeyError, without a word."""

import panoply

CONFIG = {"title": "Orders", "params": [{"name": "token", "title": "Token", "type": "password", "required": True}]}


class Stream(panoply.DataSource):
    left = 3

    def __init__(self, source, options):
        super().__init__(source, options)
        self.headers = {"Authorization": f"Bearer {source['token']}"}

    def read(self, n=None):
        if not self.left:
            return None
        self.log("reading")
        self.left -= 1
        self.progress(3 - self.left, 3)
        return [{"id": self.left}]
