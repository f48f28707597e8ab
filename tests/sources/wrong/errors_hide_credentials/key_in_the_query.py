"""requests names the whole address in its exceptions, and the key is in it, percent-encoded."""

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
        response.raise_for_status()
        answer = response.json()
        self.pages = answer["pages"]
        self.log("page", self.page)
        self.progress(self.page, self.pages)
        self.page += 1
        return answer["items"]
