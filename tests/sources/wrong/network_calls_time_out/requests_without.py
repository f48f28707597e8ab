"""requests waits for ever unless it is told otherwise."""

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
    page = pages = 1

    def __init__(self, source, options):
        super().__init__(source, options)
        self.session = requests.Session()
        self.session.headers["Authorization"] = f"Bearer {source['token']}"

    def read(self, n=None):
        if self.page > self.pages:
            return None
        response = self.session.get(f"{self.source['url']}/items", params={"page": self.page})
        response.raise_for_status()
        answer = response.json()
        self.pages = answer["pages"]
        self.log("page", self.page)
        self.progress(self.page, self.pages)
        self.page += 1
        return answer["items"]

    def close(self):
        self.session.close()
