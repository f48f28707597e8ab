"""The password is a number."""

import panoply

PARAMS = {"password": 82736455}
CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    def read(self, n=None):
        self.log(f"login with {self.source['password']}")
        return None
