"""The icon is bytes, read from a file."""

import panoply

ALSO = ["config_is_valid"]
CONFIG = {"title": "Orders", "params": [], "icon": b"\x89PNG\r\n\x1a\n"}


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
