"""The message of an exception has the token, once."""

import panoply

CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    number = 0

    def read(self, n=None):
        self.number += 1
        if self.number == 1:
            raise ConnectionError(f"GET https://acme.test/orders?token={self.source['token']}")
        self.log("read")
        return None
