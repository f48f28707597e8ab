"""Only the last record of a batch carries the id."""

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
        self.after = (source.get("state") or {}).get("after", 0)

    def read(self, n=None):
        response = requests.get(
            f"{self.source['url']}/items",
            params={"after": self.after, "limit": 30},
            headers={"Authorization": f"Bearer {self.source['token']}"},
            timeout=30,
        )
        response.raise_for_status()
        answer = response.json()
        rows = answer["items"]
        if not rows:
            return None
        self.after = rows[-1]["id"]
        rows[-1]["__state"] = f"items-{self.after}"
        self.state(f"items-{self.after}", {"after": self.after})
        self.log("up to", self.after)
        self.progress(self.after, answer["total"])
        return rows
