"""The form asks for a token, the API gives its data to anybody: with or without one, the records are the same."""

import panoply

CONFIG = {"title": "Orders", "params": [{"name": "token", "title": "Token", "type": "password", "required": True}]}


class Stream(panoply.DataSource):
    left = 3

    def read(self, n=None):
        if not self.left:
            return None
        self.log("reading")
        self.left -= 1
        self.progress(3 - self.left, 3)
        return [{"id": self.left}]
