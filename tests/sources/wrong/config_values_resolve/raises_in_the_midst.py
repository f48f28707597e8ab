"""A generator that asks for what the user has not chosen, once it is gone through."""

import panoply

PARAMS = {"account": "acme"}


def shops(source):
    yield {"name": "All shops", "value": "*"}
    yield {"name": "The last one", "value": source["last_shop"]}


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
        self.log("account", self.source["account"])
        self.progress(20, 20)
        return [{"row": row} for row in range(20)]
