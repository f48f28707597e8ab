"""It takes any arguments, and counts on three of them."""

import panoply

PARAMS = {"account": "acme", "shop": "1"}


def shops(*args):
    source, account, region = args
    return [f"{account}-{region}-{number}" for number in range(3)]


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
        self.progress(20, 20)
        return [{"shop": self.source["shop"], "row": row} for row in range(20)]
