"""The token is the name of a column."""

import panoply

CONFIG = {"title": "Shop", "params": [{"name": "token", "title": "Token", "type": "password"}]}


class Stream(panoply.DataSource):
    done = False

    def read(self, n=None):
        if self.done:
            return None
        self.done = True
        self.log("usage of the API")
        self.progress(30, 30)
        return [{"day": day, "calls": {self.source["token"]: day * 11 % 400}} for day in range(30)]
