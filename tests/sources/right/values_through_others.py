"""What the values read is filled in before them, or by itself."""

import panoply

PARAMS = {"host": "localhost", "port": 5432, "user": "ada", "id": "source-1"}


def shops(source):
    host = f"{source['host']}:{source['port']}"
    return {host, source["user"], source["id"]}


CONFIG = {
    "title": "Orders",
    "params": [
        {"name": "host", "title": "Host"},
        {"name": "port", "title": "Port", "type": "number", "default": 5432},
        {"name": "user", "title": "User", "dependencies": ["host"]},
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
