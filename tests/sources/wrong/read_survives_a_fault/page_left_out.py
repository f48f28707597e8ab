"""A page that failed is noted and never asked for again; in the end it says that pages are missing."""

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
    pages = 5

    def __init__(self, source, options):
        super().__init__(source, options)
        self.failed = []

    def read(self, n=None):
        while self.page < self.pages:
            self.page += 1
            try:
                answer = self.fetch(self.page)
            except requests.RequestException as exc:
                self.log("page", self.page, "failed:", type(exc).__name__)
                self.failed.append(self.page)
                continue
            self.pages = answer["pages"]
            self.progress(self.page, self.pages)
            return answer["items"]
        if self.failed:
            raise panoply.PanoplyException(f"{len(self.failed)} of {self.pages} pages could not be read")
        self.log("all pages read")
        return None

    def fetch(self, page):
        response = requests.get(
            f"{self.source['url']}/items?page={page}",
            headers={"Authorization": f"Bearer {self.source['token']}"},
            timeout=(5, 30),
        )
        response.raise_for_status()
        return response.json()
