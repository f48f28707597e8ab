"""A pool of connections to one host, which no session closes."""

import json

import panoply
import urllib3

PARAMS = {"host": "{host}", "port": "{port}", "token": "{token}"}
CONFIG = {
    "title": "Items",
    "params": [
        {"name": "host", "title": "Host"},
        {"name": "port", "title": "Port"},
        {"name": "token", "title": "Token", "type": "password"},
    ],
}


class Stream(panoply.DataSource):
    page = pages = 1

    def __init__(self, source, options):
        super().__init__(source, options)
        self.pool = urllib3.HTTPConnectionPool(source["host"], int(source["port"]), timeout=30, retries=False)

    def read(self, n=None):
        if self.page > self.pages:
            return None
        headers = {"Authorization": f"Bearer {self.source['token']}"}
        answer = self.pool.request("GET", f"/items?page={self.page}", headers=headers)
        if answer.status != 200:
            raise panoply.PanoplyException(f"page {self.page}: {answer.status}")
        page = json.loads(answer.data)
        self.pages = page["pages"]
        self.log("page", self.page)
        self.progress(self.page, self.pages)
        self.page += 1
        return page["items"]
