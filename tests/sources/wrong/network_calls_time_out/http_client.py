"""An HTTPConnection without a timeout, kept from page to page."""

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
    page = pages = 1

    def __init__(self, source, options):
        super().__init__(source, options)
        self.connection = http.client.HTTPConnection(source["host"], int(source["port"]))

    def read(self, n=None):
        if self.page > self.pages:
            return None
        try:
            self.connection.request(
                "GET", f"/items?page={self.page}", headers={"Authorization": f"Bearer {self.source['token']}"}
            )
            response = self.connection.getresponse()
            body = response.read()
        except Exception:
            self.connection.close()
            raise
        if response.status != 200:
            raise panoply.PanoplyException(f"page {self.page} was answered with {response.status}")
        answer = json.loads(body)
        self.pages = answer["pages"]
        self.log("page", self.page)
        self.progress(self.page, self.pages)
        self.page += 1
        return answer["items"]

    def close(self):
        self.connection.close()
