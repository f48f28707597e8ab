"""One connection for all pages, which no request can be sent on any more once one has failed."""

import http.client
import json

import panoply

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
    page = 1
    pages = 1

    def __init__(self, source, options):
        super().__init__(source, options)
        self.connection = http.client.HTTPConnection(source["host"], int(source["port"]), timeout=15)

    def read(self, n=None):
        if self.page > self.pages:
            return None
        headers = {"Authorization": f"Bearer {self.source['token']}", "Accept": "application/json"}
        self.connection.request("GET", f"/items?page={self.page}", headers=headers)
        response = self.connection.getresponse()
        if response.status >= 400:
            raise panoply.PanoplyException(f"page {self.page}: {response.status} {response.reason}")
        answer = json.loads(response.read())
        self.pages = answer["pages"]
        self.progress(self.page, self.pages)
        self.log("page", self.page)
        self.page += 1
        return answer["items"]

    def close(self):
        self.connection.close()
