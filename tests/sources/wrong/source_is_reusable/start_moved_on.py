"""The date from which the user wants the data is moved on as they are read."""

import panoply
import requests

PARAMS = {"url": "{url}", "token": "{token}", "start": "2024-01-01T00:00:00Z"}
CONFIG = {
    "title": "Items",
    "params": [
        {"name": "url", "title": "Address"},
        {"name": "token", "title": "Token", "type": "password"},
        {"name": "start", "title": "Changed since"},
    ],
}


class Stream(panoply.DataSource):
    ended = False

    def __init__(self, source, options):
        super().__init__(source, options)
        self.seen = set()

    def read(self, n=None):
        if self.ended:
            return None
        response = requests.get(
            f"{self.source['url']}/items",
            params={"since": self.source["start"], "limit": 50},
            headers={"Authorization": f"Bearer {self.source['token']}"},
            timeout=30,
        )
        response.raise_for_status()
        answer = response.json()
        rows = [row for row in answer["items"] if row["id"] not in self.seen]
        if not rows:
            self.ended = True
            return None
        self.seen.update(row["id"] for row in rows)
        self.source["start"] = rows[-1]["updated"]
        self.log("up to", self.source["start"])
        self.progress(len(self.seen), answer["total"])
        return rows
