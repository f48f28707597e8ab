"""The raw message is the whole exchange, with the header of the request."""

import panoply

CONFIG = {"title": "Shop", "params": [{"name": "token", "title": "Token", "type": "password"}]}


class Stream(panoply.DataSource):
    number = 0

    def read(self, n=None):
        if self.number == 3:
            return None
        self.number += 1
        exchange = f"GET /orders?page={self.number}\nX-Api-Token: {self.source['token']}\n\n" + '{"id": 1}\n' * 20
        self.log("exchange", self.number)
        self.progress(self.number, 3)
        return [self.raw("orders", exchange, {"page": self.number})]
