"""An example shows that the password is a part of it."""

import panoply

CONFIG = {
    "title": "Orders",
    "params": [{"name": "server", "title": "Server", "type": "string", "placeholder": "Server=db;Uid=ada;Pwd=..."}],
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
