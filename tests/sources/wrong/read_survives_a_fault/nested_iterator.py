"""A parent is taken off the list, and its children are lost if they cannot be fetched."""

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

    def get(self, path):
        request = urllib.request.Request(self.source["url"] + path)
        request.add_header("Authorization", f"Bearer {self.source['token']}")
        with urllib.request.urlopen(request, timeout=30) as response:
            return json.loads(response.read())

    def read(self, n=None):
        if self.parents is None:
            found = self.get("/parents")["items"]
            self.total = len(found)
            self.parents = iter(found)
        for parent in self.parents:
            children = self.get(f"/parents/{parent['id']}/children")["items"]
            self.done += 1
            self.log("parent", parent["id"], "has", len(children))
            self.progress(self.done, self.total, f"{self.done} of {self.total} parents")
            return [{**child, "parent_name": parent["name"]} for child in children]
        if self.done < self.total:
            raise panoply.PanoplyException(f"only {self.done} of {self.total} parents were read")
        return None
