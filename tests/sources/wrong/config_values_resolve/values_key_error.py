"""It needs a param that it does not depend on, and that is not filled in."""

import panoply


def shops(source):
    return [f"{source['region']} north"]


CONFIG = {
    "title": "Orders",
    "params": [
        {"name": "region", "title": "Region"},
        {"name": "shop", "title": "Shop", "type": "list", "values": shops},
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
