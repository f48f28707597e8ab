"""A page is given in two batches; its state goes out with the first."""

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
    def __init__(self, source, options):
        super().__init__(source, options)
        self.after = (source.get("state") or {}).get("after", 0)
        self.rows = []
        self.given = self.after

    def read(self, n=None):
        if not self.rows:
            request = urllib.request.Request(
                f"{self.source['url']}/items?after={self.after}&limit=40",
                headers={"Authorization": f"Bearer {self.source['token']}"},
            )
            with urllib.request.urlopen(request, timeout=30) as response:
                self.rows = json.load(response)["items"]
            if not self.rows:
                return None
            self.after = self.rows[-1]["id"]
        batch, self.rows = self.rows[:20], self.rows[20:]
        self.given = batch[-1]["id"]
        state_id = f"rows up to {self.given}"
        self.log(state_id)
        self.progress(self.given, 100)
        self.state(state_id, {"after": self.after})
        return [{**row, "__state": state_id} for row in batch]
