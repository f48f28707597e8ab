"""The message is clean, but the exception that it was made from is chained to it."""

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
        except requests.RequestException as exc:
            raise panoply.PanoplyException(f"page {self.page} could not be read") from exc
        self.pages = answer["pages"]
        self.log("page", self.page)
        self.progress(self.page, self.pages)
        self.page += 1
        return answer["items"]
