"""The constructor logs the token that it has obtained; the first read announces it."""

import panoply

PARAMS = {"user": "ada"}
CONFIG = {"title": "Items", "params": [{"name": "user", "title": "User"}]}


class Stream(panoply.DataSource):
    def __init__(self, source, options):
        super().__init__(source, options)
        self.left = 3
        self.session = "at/9f3b+71Ca2=Zq8"
        self.log("logged in:", self.session)

    def read(self, n=None):
        if self.left == 3:
            self.fire("source-change", {"session": self.session})
        if not self.left:
            return None
        self.left -= 1
        self.progress(3 - self.left, 3, "reading")
        return [{"id": self.left}]
