"""None of what it declares can be missing: it is optional, has a default, is hidden, or is the platform's own."""

import panoply

PARAMS = {"region": "eu", "shard": "s-1", "destination": "orders", "note": "mine"}
CONFIG = {
    "title": "Orders",
    "params": [
        {"name": "region", "title": "Region", "required": True, "default": "eu"},
        {"name": "shard", "type": "hidden", "required": True},
        {"name": "tenant", "hidden": True, "required": True},
        {"name": "destination", "title": "Destination", "type": "destination", "required": True},
        {"name": "note", "title": "Note"},
    ],
}


class Stream(panoply.DataSource):
    left = 2

    def __init__(self, source, options):
        super().__init__(source, options)
        self.key = (source.get("region", "eu"), source["shard"], source["destination"], source["note"])

    def read(self, n=None):
        if not self.left:
            return None
        self.log("reading")
        self.left -= 1
        self.progress(2 - self.left, 2)
        return [{"id": self.left}]
