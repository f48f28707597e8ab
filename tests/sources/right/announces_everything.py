"""It announces the whole source, in which only the token has changed."""

import panoply

PARAMS = {"access_token": "old-93c1f07d", "shop": "north-branch"}
CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    def read(self, n=None):
        self.source["access_token"] = "new-5a77e1c2"
        self.fire("source-change", self.source)
        self.log("shop", self.source["shop"])
        return None
