"""The params are passed on in a record group's metadata."""

import panoply

CONFIG = {"title": "Shop", "params": [{"name": "token", "title": "Token", "type": "password"}]}


class Stream(panoply.DataSource):
    number = 0

    def read(self, n=None):
        if self.number == 3:
            return None
        self.number += 1
        self.log("group", self.number)
        self.progress(self.number, 3)
        rows = [{"id": self.number * 100 + row} for row in range(40)]
        return [{"data": rows, "metadata": {"resource_id": "orders", "source": dict(self.source)}}]
