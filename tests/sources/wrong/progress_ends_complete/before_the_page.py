"""Progress is told before the page is read, and not after the last one."""

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

    def read(self, n=None):
        if self.page > self.pages:
            return None
        self.progress(self.page - 1, max(self.pages, 5), f"reading page {self.page}")
        response = requests.get(
            f"{self.source['url']}/items?page={self.page}",
            headers={"Authorization": f"Bearer {self.source['token']}"},
            timeout=30,
        )
        response.raise_for_status()
        answer = response.json()
        self.pages = answer["pages"]
        self.log("page", self.page)
        self.page += 1
        return answer["items"]
