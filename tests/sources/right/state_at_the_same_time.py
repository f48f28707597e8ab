"""It resumes at the last time rather than after it, so that some records come twice and none is lost."""

import json
import urllib.error
import urllib.request

import panoply

PARAMS = {"url": "{url}", "token": "{token}"}
BAD_PARAMS = {"url": "{url}", "token": "not/the+right=1"}
CONFIG = {
    "title": "Items",
    "params": [
        {"name": "url", "title": "Address"},
        {"name": "token", "title": "Token", "type": "password"},
    ],
}


class Stream(panoply.DataSource):
    ended = False

    def __init__(self, source, options):
        super().__init__(source, options)
        self.since = (source.get("state") or {}).get("since", "2024-01-01T00:00:00Z")
        self.seen = set()

    def read(self, n=None):
        if self.ended:
            return None
        request = urllib.request.Request(
            f"{self.source['url']}/items?since={self.since}&limit=25",
            headers={"Authorization": f"Bearer {self.source['token']}"},
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                answer = json.load(response)
        except urllib.error.HTTPError as exc:
            if exc.code == 401:
                raise panoply.PanoplyException("The API refused the token.", retryable=False) from None
            raise
        rows = [row for row in answer["items"] if row["id"] not in self.seen]
        if not rows:
            self.ended = True
            self.progress(len(self.seen), len(self.seen), "complete")
            return None
        self.seen.update(row["id"] for row in rows)
        self.since = rows[-1]["updated"]
        state_id = f"{self.since}/{len(self.seen)}"
        self.log("up to", self.since)
        self.progress(len(self.seen), answer["total"])
        self.state(state_id, {"since": self.since})
        return [{**row, "__state": state_id} for row in rows]
