"""A record that cannot be sent, for the bytes in it, has the token in these bytes."""

import panoply

CONFIG = {"title": "Items", "params": [{"name": "token", "title": "Token", "type": "password"}]}
ALSO = ("records_are_json",)


class Stream(panoply.DataSource):
    left = 3

    def read(self, n=None):
        if not self.left:
            return None
        self.left -= 1
        self.log("page", 3 - self.left)
        self.progress(3 - self.left, 3, "reading")
        return [{"id": self.left, "request": f"GET /items?key={self.source['token']}".encode()}]
