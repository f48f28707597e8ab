"""The key has to be in the query; what leaves the source is the path without it."""

import panoply
import requests

PARAMS = {"url": "{url}", "key": "{token}"}
BAD_PARAMS = {"url": "{url}", "key": "not/the+right=1"}
CONFIG = {
    "title": "Items",
    "params": [{"name": "url", "title": "Address"}, {"name": "key", "title": "API key", "type": "password"}],
}


class Stream(panoply.DataSource):
    page = pages = 1

    def __repr__(self):
        return f"<Items of {self.source['url']}, page {self.page}, key ...{self.source['key'][-3:]}>"

    def get(self, page):
        try:
            response = requests.get(
                f"{self.source['url']}/items", params={"page": page, "key": self.source["key"]}, timeout=30
            )
            if response.status_code == 401:
                raise panoply.PanoplyException("The API refused the key. Enter a valid one.", retryable=False)
            response.raise_for_status()
            return response.json()
        except requests.RequestException as exc:
            raise panoply.PanoplyException(f"GET /items?page={page} failed: {type(exc).__name__}") from None

    def read(self, n=None):
        if self.page > self.pages:
            return None
        answer = self.get(self.page)
        self.pages = answer["pages"]
        self.log("GET", f"{self.source['url']}/items?page={self.page}&key=***")
        self.progress(self.page, self.pages, f"GET /items?page={self.page}")
        self.page += 1
        return [{**row, "_url": f"{self.source['url']}/items?page={self.page - 1}"} for row in answer["items"]]
