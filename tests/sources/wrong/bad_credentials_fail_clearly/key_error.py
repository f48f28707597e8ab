"""The answer to a refused request has no items: KeyError."""

import http.client
import json

import panoply

PARAMS = {"host": "{host}", "port": "{port}", "token": "{token}"}
BAD_PARAMS = {"host": "{host}", "port": "{port}", "token": "not/the+right=1"}
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

    def read(self, n=None):
        if self.page > self.pages:
            return None
        connection = http.client.HTTPConnection(self.source["host"], int(self.source["port"]), timeout=30)
        try:
            connection.request(
                "GET", f"/items?page={self.page}", headers={"Authorization": f"Bearer {self.source['token']}"}
            )
            answer = json.loads(connection.getresponse().read())
        finally:
            connection.close()
        items = answer["items"]
        self.pages = answer["pages"]
        self.log("page", self.page)
        self.progress(self.page, self.pages)
        self.page += 1
        return items
