"""What is returned is the buffer itself, whose content the next page replaces."""

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
    page = pages = 1

    def __init__(self, source, options):
        super().__init__(source, options)
        self.buffer = []

    def fetch(self):
        request = urllib.request.Request(
            f"{self.source['url']}/items?page={self.page}", headers={"Authorization": f"Bearer {self.source['token']}"}
        )
        with urllib.request.urlopen(request, timeout=30) as response:
            answer = json.load(response)
        self.pages = answer["pages"]
        self.page += 1
        return answer["items"]

    def read(self, n=None):
        if self.page > self.pages:
            return None
        items = self.fetch()
        # The rows of the last read have been taken by now.
        self.buffer[:] = items
        self.log("page", self.page - 1)
        self.progress(self.page - 1, self.pages)
        return self.buffer
