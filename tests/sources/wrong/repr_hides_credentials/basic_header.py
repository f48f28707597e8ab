"""repr() shows the header that it sends: user and token in base64."""

import base64

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
    page = pages = 1

    def __init__(self, source, options):
        super().__init__(source, options)
        self.headers = {"Authorization": "Basic " + base64.b64encode(f"api:{source['token']}".encode()).decode()}

    def __repr__(self):
        return f"Stream(page={self.page}, headers={self.headers})"

    def read(self, n=None):
        if self.page > self.pages:
            return None
        response = requests.get(f"{self.source['url']}/items?page={self.page}", headers=self.headers, timeout=30)
        response.raise_for_status()
        answer = response.json()
        self.pages = answer["pages"]
        self.log("page", self.page)
        self.progress(self.page, self.pages)
        self.page += 1
        return answer["items"]
