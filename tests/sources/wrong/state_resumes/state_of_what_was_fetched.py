"""The state is how far the fetching has come; at n = 1000 that is also how far the reading has."""

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
    given = 0

    def __init__(self, source, options):
        super().__init__(source, options)
        self.after = source.get("state", {}).get("after", 0)
        self.rows = []
        self.more = True

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
        self.more = answer["next"] is not None
        if answer["items"]:
            self.after = answer["items"][-1]["id"]

    def read(self, n=None):
        n = n or 1000
        while self.more and len(self.rows) < n:
            self.fetch()
        batch, self.rows = self.rows[:n], self.rows[n:]
        if not batch:
            return None
        self.given += len(batch)
        state_id = f"items-{self.given}"
        self.state(state_id, {"after": self.after})
        self.log("given", self.given)
        self.progress(self.given, self.given + len(self.rows), f"{self.given} items")
        return [{**row, "__state": state_id} for row in batch]
