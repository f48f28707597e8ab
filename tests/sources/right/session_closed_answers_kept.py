"""A generator holds the last answer; its session is closed, which is all that there is to close."""

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
    batches = None

    def __init__(self, source, options):
        super().__init__(source, options)
        self.session = requests.Session()
        self.session.headers["Authorization"] = f"Bearer {source['token']}"

    def load(self):
        while self.page <= self.pages:
            response = self.session.get(f"{self.source['url']}/items", params={"page": self.page}, timeout=30)
            response.raise_for_status()
            answer = response.json()
            self.pages = answer["pages"]
            self.log("page", self.page, "of", self.pages)
            self.progress(self.page, self.pages, f"{self.page} of {self.pages} pages")
            self.page += 1
            yield answer["items"]

    def read(self, n=None):
        if self.batches is None:
            self.batches = self.load()
        try:
            return next(self.batches, None)
        except Exception:
            self.batches = None
            raise

    def close(self):
        self.session.close()
