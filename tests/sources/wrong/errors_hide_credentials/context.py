"""Raised while another is handled, an exception has that one in its context."""

import json
import urllib.error
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

    def fetch(self, path):
        headers = {"Authorization": f"Bearer {self.source['token']}"}
        request = urllib.request.Request(self.source["url"] + path, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                return json.load(response)
        except (OSError, ValueError):
            raise RuntimeError(f"request failed: {path} {headers}")

    def read(self, n=None):
        if self.page > self.pages:
            return None
        try:
            answer = self.fetch(f"/items?page={self.page}")
        except RuntimeError:
            raise panoply.PanoplyException(f"page {self.page} could not be read")
        self.pages = answer["pages"]
        self.log("page", self.page)
        self.progress(self.page, self.pages)
        self.page += 1
        return answer["items"]
