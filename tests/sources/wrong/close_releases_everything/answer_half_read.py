"""Lines are taken from an answer that is never closed, so that its connection stays with it."""

import itertools
import json

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
    lines = None
    given = 0

    def read(self, n=None):
        try:
            if self.lines is None:
                url, headers = f"{self.source['url']}/items.ndjson", {"Authorization": f"Bearer {self.source['token']}"}
                response = requests.get(url, headers=headers, stream=True, timeout=30)
                response.raise_for_status()
                self.lines = response.iter_lines()
                for _ in range(self.given):
                    next(self.lines)
            batch = [json.loads(line) for line in itertools.islice(self.lines, n or 25)]
        except Exception:
            self.lines = None
            raise
        if not batch:
            return None
        self.given += len(batch)
        self.log("lines", self.given)
        self.progress(self.given, self.given, f"{self.given} lines")
        return batch
