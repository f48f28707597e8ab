"""What an earlier read() has fetched and not given is dropped by an error; at n = 1000 there is no such rest."""

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

    def __init__(self, source, options):
        super().__init__(source, options)
        self.rest = []

    def fetch(self, after):
        response = requests.get(
            f"{self.source['url']}/items",
            params={"after": after, "limit": 10},
            headers={"Authorization": f"Bearer {self.source['token']}"},
            timeout=30,
        )
        response.raise_for_status()
        return response.json()

    def read(self, n=None):
        rows, after = self.rest, self.after
        self.rest = []
        while after is not None and len(rows) < (n or 1000):
            answer = self.fetch(after)
            rows = rows + answer["items"]
            after, self.total = answer["next"], answer["total"]
        self.after = after
        batch, self.rest = rows[: n or 1000], rows[n or 1000 :]
        if not batch:
            return None
        self.given += len(batch)
        self.log("given", self.given)
        self.progress(self.given, max(self.given, self.total), f"{self.given} of {self.total}")
        return batch
