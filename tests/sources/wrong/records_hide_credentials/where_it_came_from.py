"""Each record says from which address it came; the key is in it."""

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
        try:
            response = requests.get(
                f"{self.source['url']}/items", params={"page": self.page, "key": self.source["key"]}, timeout=30
            )
            response.raise_for_status()
            answer = response.json()
        except requests.RequestException:
            raise panoply.PanoplyException(f"page {self.page} could not be read") from None
        self.pages = answer["pages"]
        self.log("page", self.page)
        self.progress(self.page, self.pages)
        self.page += 1
        return [{**row, "_url": response.url} for row in answer["items"]]
