"""A page that was asked for too early (429) counts as an empty one."""

import httpx
import panoply

ALSO = ("faults_are_reported",)
PARAMS = {"url": "{url}", "token": "{token}"}
CONFIG = {
    "title": "Items",
    "params": [
        {"name": "url", "title": "Address"},
        {"name": "token", "title": "Token", "type": "password"},
    ],
}


class Stream(panoply.DataSource):
    page = 1
    pages = 1

    def __init__(self, source, options):
        super().__init__(source, options)
        self.client = httpx.Client(
            base_url=source["url"], headers={"Authorization": f"Bearer {source['token']}"}, timeout=30
        )

    def read(self, n=None):
        if self.page > self.pages:
            return None
        response = self.client.get("/items", params={"page": self.page})
        if response.status_code == 429:
            self.log("too many requests, waiting")
            items = []
        else:
            response.raise_for_status()
            answer = response.json()
            self.pages, items = answer["pages"], answer["items"]
        self.log("page", self.page)
        self.progress(self.page, max(self.page, self.pages))
        self.page += 1
        return items

    def close(self):
        self.client.close()
