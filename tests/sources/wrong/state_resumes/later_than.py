"""Resuming asks for what is later than the last time, of which there was more."""

import datetime
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
        self.since = (source.get("state") or {}).get("since", "2024-01-01T00:00:00Z")
        self.batch = 0
        self.ended = False
        self.seen = set()

    def read(self, n=None):
        if self.ended:
            return None
        request = urllib.request.Request(
            f"{self.source['url']}/items?since={self.since}&limit=25",
            headers={"Authorization": f"Bearer {self.source['token']}"},
        )
        with urllib.request.urlopen(request, timeout=30) as response:
            found = json.load(response)["items"]
        rows = [row for row in found if row["id"] not in self.seen]
        if not rows:
            self.ended = True
            return None
        self.seen.update(row["id"] for row in rows)
        self.since = rows[-1]["updated"]
        later = datetime.datetime.fromisoformat(self.since) + datetime.timedelta(seconds=1)
        state_id = f"since {self.since} ({rows[-1]['id']})"
        self.log(state_id)
        self.progress(rows[-1]["id"], 100)
        self.state(state_id, {"since": later.strftime("%Y-%m-%dT%H:%M:%SZ")})
        return [{**row, "__state": state_id} for row in rows]
