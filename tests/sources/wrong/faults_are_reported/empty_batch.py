"""An error gives an empty batch, and the page is tried again for ever."""

import panoply
import requests

MAX_READS = 300
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

    def read(self, n=None):
        if self.page > self.pages:
            return None
        self.progress(self.page - 1, self.pages, f"reading page {self.page}")
        try:
            response = requests.get(
                f"{self.source['url']}/items?page={self.page}",
                headers={"Authorization": f"Bearer {self.source['token']}"},
                timeout=30,
            )
            response.raise_for_status()
            answer = response.json()
        except Exception as exc:
            self.log("trying again later:", type(exc).__name__)
            return []
        self.pages = answer["pages"]
        self.progress(self.page, self.pages)
        self.log("page", self.page)
        self.page += 1
        return answer["items"]
