"""One record a read: the details of one item."""

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
    numbers = None
    done = 0

    def get(self, path):
        request = urllib.request.Request(
            self.source["url"] + path, headers={"Authorization": f"Bearer {self.source['token']}"}
        )
        with urllib.request.urlopen(request, timeout=30) as response:
            return json.load(response)

    def read(self, n=None):
        if self.numbers is None:
            self.numbers = [item["id"] for item in self.get("/items?offset=0&limit=100")["items"]]
        if self.done == len(self.numbers):
            return None
        row = self.get(f"/items/{self.numbers[self.done]}")
        self.done += 1
        self.log("item", self.done)
        self.progress(self.done, len(self.numbers))
        return [row]
