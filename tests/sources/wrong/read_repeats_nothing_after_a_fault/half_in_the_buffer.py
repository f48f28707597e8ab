"""Two pages make a batch; if the second fails, the first is in the buffer, and is fetched again."""

import json
import urllib.request

import panoply

PARAMS = {"url": "{url}", "token": "{token}"}
CONFIG = {
    "title": "Items",
    "params": [
        {"name": "url", "title": "Address"},
        {"name": "token", "title": "Token", "type": "password"},
    ],
}


class Stream(panoply.DataSource):
    page = 1
    pages = 1
    loaded = 0

    def __init__(self, source, options):
        super().__init__(source, options)
        self.buffer = []

    def fetch(self, page):
        request = urllib.request.Request(
            f"{self.source['url']}/items?page={page}", headers={"Authorization": f"Bearer {self.source['token']}"}
        )
        with urllib.request.urlopen(request, timeout=30) as response:
            return json.load(response)

    def read(self, n=None):
        if self.page > self.pages:
            return None
        for page in (self.page, self.page + 1):
            answer = self.fetch(page)
            self.pages = answer["pages"]
            self.buffer += answer["items"]
        self.page += 2
        batch, self.buffer = self.buffer, []
        self.loaded += len(batch)
        self.log("two more pages")
        self.progress(min(self.page - 1, self.pages), self.pages)
        return batch
