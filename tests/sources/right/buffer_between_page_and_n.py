"""Pages of the vendor's size go into a buffer, from which n are taken: never a page's rest is lost."""

import json
import urllib.error
import urllib.request

import panoply

PARAMS = {"url": "{url}", "token": "{token}"}
BAD_PARAMS = {"url": "{url}", "token": "not/the+right=1"}
CONFIG = {
    "title": "Items",
    "params": [
        {"name": "url", "title": "Address"},
        {"name": "token", "title": "Token", "type": "password"},
    ],
}


class Stream(panoply.DataSource):
    page = pages = 1
    given = 0

    def __init__(self, source, options):
        super().__init__(source, options)
        self.buffer = []
        self.total = 0

    def fill(self):
        request = urllib.request.Request(
            f"{self.source['url']}/items?page={self.page}", headers={"Authorization": f"Bearer {self.source['token']}"}
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                answer = json.load(response)
        except urllib.error.HTTPError as exc:
            if exc.code == 401:
                raise panoply.PanoplyException("The API refused the token.", retryable=False) from None
            raise
        self.pages, self.total = answer["pages"], answer["total"]
        self.page += 1
        self.buffer += answer["items"]

    def read(self, n=None):
        n = n or 60
        while len(self.buffer) < n and self.page <= self.pages:
            self.fill()
        if not self.buffer:
            return None
        batch, self.buffer = self.buffer[:n], self.buffer[n:]
        self.given += len(batch)
        self.log("given:", self.given)
        self.progress(self.given, max(self.given, self.total))
        return batch
