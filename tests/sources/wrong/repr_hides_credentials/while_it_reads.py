"""In the midst of reading, its repr tells the request that it is at."""

import panoply

CONFIG = {"title": "Items", "params": [{"name": "token", "title": "Token", "type": "password"}]}


class Stream(panoply.DataSource):
    left = 3
    at = ""

    def __repr__(self):
        return f"<Items{self.at}>"

    def read(self, n=None):
        self.at = f" at /items?page=2&key={self.source['token']}" if self.left == 2 else ""
        if not self.left:
            return None
        self.left -= 1
        self.log("page", 3 - self.left)
        self.progress(3 - self.left, 3, "reading")
        return [{"id": self.left}]
