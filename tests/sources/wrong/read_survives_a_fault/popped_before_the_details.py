"""Rows leave the buffer before their details have been fetched."""

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
    loaded = 0

    def __init__(self, source, options):
        super().__init__(source, options)
        self.waiting = []

    def get(self, path):
        connection = http.client.HTTPConnection(self.source["host"], int(self.source["port"]), timeout=30)
        try:
            connection.request("GET", path, headers={"Authorization": f"Bearer {self.source['token']}"})
            response = connection.getresponse()
            if response.status != 200:
                raise panoply.PanoplyException(f"{path} was answered with {response.status} {response.reason}")
            return json.loads(response.read())
        finally:
            connection.close()

    def read(self, n=None):
        if not self.waiting:
            answer = self.get(f"/items?page={self.page}")
            self.waiting = answer["items"]
            self.total = answer["total"]
            self.page += 1
            self.log("listed", len(self.waiting), "items")
            if not self.waiting:
                return None
        chunk, self.waiting = self.waiting[:10], self.waiting[10:]
        rows = [self.get(f"/items/{item['id']}") for item in chunk]
        self.loaded += len(rows)
        self.progress(self.loaded, max(self.loaded, self.total))
        return rows
