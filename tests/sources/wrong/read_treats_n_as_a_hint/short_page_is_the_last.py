"""A page shorter than n is taken for the last, though the vendor gives 50 at most."""

import httpx
import panoply

PARAMS = {"url": "{url}", "token": "{token}"}
CONFIG = {
    "title": "Items",
    "params": [
        {"name": "url", "title": "Address"},
        {"name": "token", "title": "Token", "type": "password"},
    ],
}


class Stream(panoply.DataSource):
    after = 0
    ended = False
    loaded = 0

    def __init__(self, source, options):
        super().__init__(source, options)
        self.client = httpx.Client(headers={"Authorization": f"Bearer {source['token']}"}, timeout=30)

    def read(self, n=None):
        if self.ended:
            return None
        size = n or 20
        response = self.client.get(
            f"{self.source['url']}/items",
            params={"after": self.after, "limit": size},
        )
        response.raise_for_status()
        rows = response.json()["items"]
        self.ended = len(rows) < size
        if not rows:
            return None
        self.after = rows[-1]["id"]
        self.loaded += len(rows)
        self.log("up to", self.after)
        self.progress(self.loaded, self.loaded)
        return rows

    def close(self):
        self.client.close()
