"""It hands all params to a client, which needs the one that the values depend on, and one with a default."""

import panoply


class Client:
    def __init__(self, user, region, **others):
        self.user, self.region = user, region

    def shops(self):
        return [f"{self.user}'s shop in the {self.region}"]


def shops(source):
    return Client(**source).shops()


CONFIG = {
    "title": "Orders",
    "params": [
        {"name": "user", "title": "User"},
        {"name": "region", "title": "Region", "default": "north"},
        {"name": "shop", "title": "Shop", "type": "list", "values": shops, "dependencies": ["user"]},
    ],
}


class Stream(panoply.DataSource):
    def __init__(self, source, options):
        super().__init__(source, options)
        self.rows = [{"id": 1}, {"id": 2}]

    def read(self, n=None):
        if not self.rows:
            return None
        rows, self.rows = self.rows, []
        self.log("read", len(rows), "orders")
        self.progress(2, 2, "orders read")
        return rows
