"""n is the size of the vendor's pages, which are counted on when it changes."""

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
    loaded = 0

    def read(self, n=None):
        request = urllib.request.Request(
            f"{self.source['url']}/items?page={self.page}&limit={n or 50}",
            headers={"Authorization": f"Bearer {self.source['token']}"},
        )
        with urllib.request.urlopen(request, timeout=30) as response:
            answer = json.load(response)
        if not answer["items"]:
            return None
        self.page += 1
        self.loaded += len(answer["items"])
        self.log("pages:", answer["pages"])
        self.progress(self.loaded, max(self.loaded, answer["total"]))
        return answer["items"]
