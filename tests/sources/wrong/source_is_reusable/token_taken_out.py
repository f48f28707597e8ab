"""The token is taken out of the params, so that nobody logs it."""

import panoply

CONFIG = {"title": "Shop", "params": [{"name": "token", "title": "Token", "type": "password"}]}


class Stream(panoply.DataSource):
    def __init__(self, source, options):
        super().__init__(source, options)
        self.signature = len(source.pop("token"))
        self.left = 3

    def read(self, n=None):
        if not self.left:
            return None
        self.left -= 1
        self.log("batches left:", self.left)
        self.progress(3 - self.left, 3)
        return [{"batch": self.left, "row": row} for row in range(20)]
