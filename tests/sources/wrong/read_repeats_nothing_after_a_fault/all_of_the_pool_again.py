"""A pool fetches four pages; those that succeeded are kept for the next read, which fetches all four again."""

from concurrent.futures import ThreadPoolExecutor

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
    first = 1
    last = 4

    def __init__(self, source, options):
        super().__init__(source, options)
        self.rows = []

    def fetch(self, page):
        response = requests.get(
            f"{self.source['url']}/items",
            params={"page": page},
            auth=("api", self.source["token"]),
            timeout=30,
        )
        response.raise_for_status()
        self.rows.extend(response.json()["items"])

    def read(self, n=None):
        if self.first > 5:
            return None
        with ThreadPoolExecutor(max_workers=2) as pool:
            for _ in pool.map(self.fetch, range(self.first, self.last + 1)):
                pass
        self.progress(min(self.last, 5), 5, "pages")
        self.log("pages", self.first, "to", self.last)
        self.first, self.last = self.last + 1, self.last + 4
        rows, self.rows = self.rows, []
        return rows
