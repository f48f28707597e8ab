"""It announces a new token together with what is no secret, and logs the latter."""

import panoply

CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    def read(self, n=None):
        changes = {"token": "fresh-4407bd19e6", "expires_at": "2024-01-01T00:00:00Z", "user": self.source["user"]}
        self.fire("source-change", changes)
        self.log("the token is good until", changes["expires_at"], "for", self.source["user"])
        return None
