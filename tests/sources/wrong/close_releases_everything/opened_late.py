"""The second table is read from a connection of its own, which is closed once that table has been read."""

import http.client
import json

import panoply
import requests

PARAMS = {"url": "{url}", "host": "{host}", "port": "{port}", "token": "{token}"}
CONFIG = {
    "title": "Items",
    "params": [
        {"name": "url", "title": "Address"},
        {"name": "host", "title": "Host"},
        {"name": "port", "title": "Port"},
        {"name": "token", "title": "Token", "type": "password"},
    ],
}


class Stream(panoply.DataSource):
    connection = None
    page = 0
    pages = 1

    def __init__(self, source, options):
        super().__init__(source, options)
        self.headers = {"Authorization": f"Bearer {source['token']}"}

    def read(self, n=None):
        self.log("page", self.page, "of", self.pages)
        if self.page == 0:
            response = requests.get(f"{self.source['url']}/parents", headers=self.headers, timeout=30)
            response.raise_for_status()
            answer = response.json()
        elif self.page <= self.pages:
            if self.connection is None:
                self.connection = http.client.HTTPConnection(self.source["host"], int(self.source["port"]), timeout=30)
            try:
                self.connection.request("GET", f"/items?page={self.page}", headers=self.headers)
                response = self.connection.getresponse()
                if response.status != 200:
                    raise panoply.PanoplyException(f"page {self.page}: {response.status}")
                answer = json.loads(response.read())
            except Exception:
                self.connection.close()
                self.connection = None
                raise
            self.pages = answer["pages"]
            if self.page == self.pages:
                self.connection.close()
        else:
            return None
        self.progress(self.page, self.pages, f"{self.page} of {self.pages} pages")
        self.page += 1
        return answer["items"]
