"""It declares the session that it was given for its password, and then prints the header with it."""

import panoply

PARAMS = {"user": "ada"}
CONFIG = {"title": "Items", "params": [{"name": "user", "title": "User"}]}


class Stream(panoply.DataSource):
    left = 3

    def __init__(self, source, options):
        super().__init__(source, options)
        answer = self.secret({"session": "at/9f3b+71Ca2=Zq8", "expires_in": 3600})
        self.headers = {"X-Session": answer["session"]}

    def read(self, n=None):
        if not self.left:
            return None
        self.left -= 1
        print("asking with", self.headers)
        self.progress(3 - self.left, 3, "reading")
        return [{"id": self.left}]
