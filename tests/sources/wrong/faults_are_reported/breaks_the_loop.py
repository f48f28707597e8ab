"""All pages are fetched in one loop, which an error leaves just as the last page does."""

import json
import urllib.request

import panoply

ALSO = ("read_survives_a_fault",)
PARAMS = {"url": "{url}", "token": "{token}"}
CONFIG = {
    "title": "Items",
    "params": [
        {"name": "url", "title": "Address"},
        {"name": "token", "title": "Token", "type": "password"},
    ],
}


class Stream(panoply.DataSource):
    rows = None

    def fetch(self):
        rows, after = [], 0
        while True:
            try:
                request = urllib.request.Request(f"{self.source['url']}/items?after={after}&limit=50")
                request.add_header("Authorization", f"Bearer {self.source['token']}")
                with urllib.request.urlopen(request, timeout=30) as response:
                    items = json.load(response)["items"]
                after = items[-1]["id"]
            except:  # noqa: E722
                break
            rows += items
        return rows

    def read(self, n=None):
        if self.rows is None:
            self.rows = self.fetch()
            self.total = len(self.rows)
        if not self.rows:
            return None
        batch, self.rows = self.rows[:50], self.rows[50:]
        self.log("giving", len(batch))
        self.progress(self.total - len(self.rows), self.total)
        return batch
