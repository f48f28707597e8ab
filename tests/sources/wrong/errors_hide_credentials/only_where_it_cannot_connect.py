"""A bad status is told without the address; a connection that fails is told with it."""

import panoply
import requests

PARAMS = {"url": "{url}", "key": "{token}"}
CONFIG = {
    "title": "Items",
    "params": [{"name": "url", "title": "Address"}, {"name": "key", "title": "API key", "type": "password"}],
}


class Stream(panoply.DataSource):
    page = pages = 1

    def read(self, n=None):
        if self.page > self.pages:
            return None
        response = requests.get(
            f"{self.source['url']}/items", params={"page": self.page, "key": self.source["key"]}, timeout=30
        )
        if not response.ok:
            raise panoply.PanoplyException(f"page {self.page} was answered with {response.status_code}")
        answer = response.json()
        self.pages = answer["pages"]
        self.log("page", self.page)
        self.progress(self.page, self.pages)
        self.page += 1
        return answer["items"]
