"""The cursor is in the headers, and is kept before the body has arrived."""

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
    after = "0"
    loaded = 0

    def __init__(self, source, options):
        super().__init__(source, options)
        self.client = httpx.Client(headers={"Authorization": f"Bearer {source['token']}"}, timeout=20)

    def read(self, n=None):
        with self.client.stream(
            "GET",
            f"{self.source['url']}/items",
            params={"after": self.after, "limit": 25},
        ) as response:
            response.raise_for_status()
            self.after = response.headers.get("X-Last", self.after)
            response.read()
        answer = response.json()
        self.log("read", len(answer["items"]), "items up to", self.after)
        if not answer["items"]:
            return None
        self.loaded += len(answer["items"])
        self.progress(self.loaded, max(self.loaded, answer["total"]))
        return answer["items"]

    def close(self):
        self.client.close()
