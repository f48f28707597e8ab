"""The token is encoded for basic authentication where it stands, so that the second source encodes it twice."""

import base64
import json
import urllib.request

import panoply

PARAMS = {"url": "{url}", "token": "{token}"}
CONFIG = {
    "title": "Items",
    "params": [
        {"name": "url", "title": "Address"},
        {"name": "token", "title": "Token", "type": "password"},
    ],
}


class Stream(panoply.DataSource):
    page = pages = 1

    def __init__(self, source, options):
        super().__init__(source, options)
        source["token"] = base64.b64encode(f"api:{source['token']}".encode()).decode()

    def read(self, n=None):
        if self.page > self.pages:
            return None
        request = urllib.request.Request(
            f"{self.source['url']}/items?page={self.page}", headers={"Authorization": f"Basic {self.source['token']}"}
        )
        with urllib.request.urlopen(request, timeout=30) as response:
            answer = json.load(response)
        self.pages = answer["pages"]
        self.log("page", self.page)
        self.progress(self.page, self.pages)
        self.page += 1
        return answer["items"]
