"""When more is found than was announced, it counts from the beginning of what was found."""

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
    parents = None
    loaded = 0
    total = 1

    def get(self, path):
        response = requests.get(
            self.source["url"] + path, headers={"Authorization": f"Bearer {self.source['token']}"}, timeout=30
        )
        response.raise_for_status()
        return response.json()

    def read(self, n=None):
        if self.parents is None:
            parents = self.get("/parents")["items"]
            self.progress(1, 1, "the list of parents")
            self.parents = parents
            self.done = 0
        if self.done == len(self.parents):
            return None
        self.progress(self.done, len(self.parents), "parents")
        children = self.get(f"/parents/{self.parents[self.done]['id']}/children")["items"]
        self.done += 1
        self.log("parent", self.done)
        self.progress(self.done, len(self.parents), "parents")
        return children
