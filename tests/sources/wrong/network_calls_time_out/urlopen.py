"""urlopen without a timeout, for one of two kinds of calls."""

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
    parents = None
    done = 0

    def request(self, path):
        return urllib.request.Request(
            self.source["url"] + path, headers={"Authorization": f"Bearer {self.source['token']}"}
        )

    def read(self, n=None):
        if self.parents is None:
            with urllib.request.urlopen(self.request("/parents"), timeout=30) as response:
                self.parents = json.load(response)["items"]
        if self.done >= len(self.parents):
            return None
        with urllib.request.urlopen(self.request(f"/parents/{self.parents[self.done]['id']}/children")) as response:
            children = json.load(response)["items"]
        self.done += 1
        self.log("parent", self.done)
        self.progress(self.done, len(self.parents))
        return children
