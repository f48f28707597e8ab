"""The page counter is advanced before the page is there."""

import panoply
import requests

PARAMS = {"url": "{url}", "token": "{token}"}
CONFIG = {
    "title": "Items",
    "params": [
        {"name": "url", "title": "Address"},
        {"name": "token", "title": "Token", "type": "password"},
    ],
}


class Stream(panoply.DataSource):
    page = 0
    loaded = 0

    def read(self, n=None):
        self.page += 1
        self.log("reading page", self.page)
        response = requests.get(
            f"{self.source['url']}/items",
            params={"page": self.page},
            headers={"Authorization": f"Bearer {self.source['token']}"},
            timeout=30,
        )
        response.raise_for_status()
        answer = response.json()
        if not answer["items"]:
            return None
        self.loaded += len(answer["items"])
        self.progress(self.loaded, max(self.loaded, answer["total"]))
        return answer["items"]
