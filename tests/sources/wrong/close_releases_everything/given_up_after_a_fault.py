"""A connection that has failed is put aside for a new one, and nobody ever closes it; without a fault, all is closed."""

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
GIVEN_UP = []


class Stream(panoply.DataSource):
    page = pages = 1
    connection = None

    def fetch(self):
        if self.connection is None:
            self.connection = http.client.HTTPConnection(self.source["host"], int(self.source["port"]), timeout=30)
        headers = {"Authorization": f"Bearer {self.source['token']}"}
        self.connection.request("GET", f"/items?page={self.page}", headers=headers)
        response = self.connection.getresponse()
        if response.status != 200:
            raise OSError(f"page {self.page} was answered with {response.status}")
        return json.loads(response.read())

    def read(self, n=None):
        if self.page > self.pages:
            return None
        try:
            answer = self.fetch()
        except Exception:
            GIVEN_UP.append(self.connection)
            self.connection = None
            raise
        self.pages = answer["pages"]
        self.log("page", self.page, "of", self.pages)
        self.progress(self.page, self.pages)
        self.page += 1
        return answer["items"]

    def close(self):
        if self.connection is not None:
            self.connection.close()
