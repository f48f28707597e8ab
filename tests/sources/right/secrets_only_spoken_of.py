"""Its params are about credentials, and hold none."""

import panoply

CONFIG = {
    "title": "Orders",
    "params": [
        {"name": "auth_type", "title": "Auth type", "type": "select", "values": ["password", "api key"]},
        {"name": "primary_key", "title": "Key"},
        {"name": "token_lifetime", "title": "Minutes until the token ends", "type": "number", "default": 60},
        {"name": "key", "title": "Key", "type": "select", "values": ["id", "email"]},
        {"name": "endpoint", "title": "Endpoint", "default": "https://example.com:8443/users/@me"},
        {"name": "note", "title": "Where is the password of this account kept?"},
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
