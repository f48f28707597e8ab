"""A tunnel's private key is one of several things in it."""

import panoply

CONFIG = {
    "title": "Orders",
    "params": [{"name": "tunnel", "title": "Tunnel", "default": {"host": "", "port": 22, "privateKey": ""}}],
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
