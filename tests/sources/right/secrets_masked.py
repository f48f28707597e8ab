"""Each credential has a type that is masked, or is not drawn."""

import panoply

CONFIG = {
    "title": "Orders",
    "params": [
        {"name": "password", "title": "Password", "type": "password"},
        {
            "name": "access_token",
            "title": "Account",
            "type": "oauth",
            "oauthAuthorizeURL": "https://example.com/authorize",
            "oauthAccessURL": "https://example.com/token",
            "oauthRefreshURL": "https://example.com/refresh",
        },
        {"name": "refresh_token", "type": "hidden"},
        {"name": "session_token", "type": "string", "hidden": True},
        {"name": "server", "title": "Server", "type": "password", "placeholder": "postgres://user:password@host/db"},
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
