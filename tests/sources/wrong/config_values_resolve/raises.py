"""The function that lists the shops raises where the account has none."""

import panoply

PARAMS = {"account": "acme", "shop": "3"}


def shops(source):
    known = {"globex": ["1", "2"]}
    return known[source["account"]]


CONFIG = {
    "title": "Shop",
    "params": [
        {"name": "account", "title": "Account"},
        {"name": "shop", "title": "Shop", "type": "select", "values": shops, "dependencies": ["account"]},
    ],
}


class Stream(panoply.DataSource):
    done = False

    def read(self, n=None):
        if self.done:
            return None
        self.done = True
        self.log("shop", self.source["shop"])
        self.progress(10, 10)
        return [{"row": row} for row in range(10)]
