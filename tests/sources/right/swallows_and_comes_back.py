"""It swallows a fault where it has something to give, and raises the next one."""

import httpx
import panoply

PARAMS = {"url": "{url}", "token": "{token}"}
BAD_PARAMS = {"url": "{url}", "token": "not/the+right=1"}
CONFIG = {
    "title": "Items",
    "params": [
        {"name": "url", "title": "Address"},
        {"name": "token", "title": "Token", "type": "password"},
    ],
}


class Stream(panoply.DataSource):
    page = pages = 1

    def __init__(self, source, options):
        super().__init__(source, options)
        self.client = httpx.Client(
            base_url=source["url"], headers={"Authorization": f"Bearer {source['token']}"}, timeout=30
        )

    def read(self, n=None):
        rows = []
        while self.page <= self.pages and len(rows) < min(n or 50, 50):
            try:
                response = self.client.get("/items", params={"page": self.page})
                if response.status_code == 401:
                    raise panoply.PanoplyException("The API refused the token.", retryable=False)
                response.raise_for_status()
                answer = response.json()
            except (httpx.HTTPError, ValueError) as exc:
                if not rows:
                    raise
                self.log("half a batch:", type(exc).__name__)
                break
            rows += answer["items"]
            self.pages = answer["pages"]
            self.page += 1
        if not rows:
            return None
        self.log("rows:", len(rows))
        self.progress(self.page - 1, self.pages)
        return rows

    def close(self):
        self.client.close()
