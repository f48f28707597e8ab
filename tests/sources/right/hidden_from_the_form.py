"""What the form does not draw is a token, and is besides what the log and the records may well have: a mode, a region, an id."""

import panoply

PARAMS = {
    "session": "9f3b/71Ca2-Zq8+4d1e",
    "mode": "sandbox",
    "region": "eu-central-1",
    "shop_id": 10029384,
    "since": "2024-05-31",
    "base": "https://api.acme.test/v2",
}
CONFIG = {
    "title": "Items",
    "params": [
        {"name": "session", "type": "hidden"},
        {"name": "mode", "title": "Mode", "hidden": True},
        {"name": "region", "type": "hidden", "default": "eu-central-1"},
        {"name": "shop_id", "type": "hidden"},
        {"name": "since", "type": "hidden"},
        {"name": "base", "type": "hidden", "default": "https://api.acme.test/v2"},
    ],
}


class Stream(panoply.DataSource):
    left = 3

    def read(self, n=None):
        if not self.left:
            return None
        self.left -= 1
        shown = {name: value for name, value in self.source.items() if name != "session"}
        self.log("GET", f"{self.source['base']}/items", shown)
        self.progress(3 - self.left, 3, f"reading the {self.source['mode']} in {self.source['region']}")
        return [{"id": self.left, "shop": self.source["shop_id"], "day": self.source["since"]}]
