"""A new token is told to the user, and announced after that."""

import panoply

PARAMS = {"user": "ada"}
CONFIG = {"title": "Items", "params": [{"name": "user", "title": "User"}]}


class Stream(panoply.DataSource):
    left = 3

    def read(self, n=None):
        if not self.left:
            return None
        self.left -= 1
        token = f"at/9f3b+71Ca2=Zq{self.left}"
        self.log("page", 3 - self.left)
        self.progress(3 - self.left, 3, f"logged in, the session is {token}")
        self.fire("source-change", {"access_token": token})
        return [{"id": self.left}]
