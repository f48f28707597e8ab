"""Once it is closed, its repr tells which session is over."""

import panoply

CONFIG = {"title": "Items", "params": [{"name": "token", "title": "Token", "type": "password"}]}


class Stream(panoply.DataSource):
    left = 3
    ended = ""

    def __repr__(self):
        return f"<Items{self.ended}>"

    def read(self, n=None):
        if not self.left:
            return None
        self.left -= 1
        self.log("page", 3 - self.left)
        self.progress(3 - self.left, 3, "reading")
        return [{"id": self.left}]

    def close(self):
        self.ended = f", logged out {self.source['token']}"
