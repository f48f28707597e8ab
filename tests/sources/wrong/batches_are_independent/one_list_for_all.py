"""One list is filled in each read(); at n = 1000 there is only one read() to fill it."""

import csv

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

    def __init__(self, source, options):
        super().__init__(source, options)
        self.batch = []

    def read(self, n=None):
        if self.lines is None:
            url, headers = f"{self.source['url']}/items.csv", {"Authorization": f"Bearer {self.source['token']}"}
            response = requests.get(url, headers=headers, timeout=30)
            response.raise_for_status()
            if not response.text.startswith("id,"):
                raise panoply.PanoplyException("what came is no CSV")
            self.lines = list(csv.DictReader(response.text.splitlines()))
        self.batch.clear()
        self.batch += self.lines[self.given : self.given + (n or 1000)]
        if not self.batch:
            return None
        self.given += len(self.batch)
        self.log("given", self.given)
        self.progress(self.given, len(self.lines), f"{self.given} of {len(self.lines)} lines")
        return self.batch
