"""Only good answers are looked into; any other has no items, which is how the end is told."""

import panoply
import requests

ALSO = ("read_survives_a_fault",)
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
    loaded = 0

    def read(self, n=None):
        response = requests.get(
            f"{self.source['url']}/items",
            params={"page": self.page},
            headers={"Authorization": f"Bearer {self.source['token']}"},
            timeout=30,
        )
        answer = response.json() if response.ok else {}
        items = answer.get("items")
        self.log("page", self.page, "status", response.status_code)
        if not items:
            return None
        self.loaded += len(items)
        self.progress(self.loaded, max(self.loaded, answer["total"]))
        self.page += 1
        return items
