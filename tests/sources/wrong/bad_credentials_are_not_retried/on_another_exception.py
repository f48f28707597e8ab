"""The exception that is not retryable is caught on its way, and another is raised in its place."""

import json
import urllib.error
import urllib.request

import panoply

PARAMS = {"url": "{url}", "token": "{token}"}
BAD_PARAMS = {"url": "{url}", "token": "not/the+right=1"}
CONFIG = {
    "title": "Items",
    "params": [
        {"name": "url", "title": "Address"},
        {"name": "token", "title": "Token", "type": "password"},
    ],
}


class Stream(panoply.DataSource):
    page = pages = 1

    def get(self, path):
        request = urllib.request.Request(
            self.source["url"] + path, headers={"Authorization": f"Bearer {self.source['token']}"}
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                return json.load(response)
        except urllib.error.HTTPError as exc:
            if exc.code == 401:
                raise panoply.PanoplyException("the API refused the token", retryable=False) from None
            raise

    def read(self, n=None):
        if self.page > self.pages:
            return None
        try:
            answer = self.get(f"/items?page={self.page}")
        except Exception as exc:
            raise panoply.PanoplyException(f"Page {self.page} could not be read: {exc}") from None
        self.pages = answer["pages"]
        self.log("page", self.page)
        self.progress(self.page, self.pages)
        self.page += 1
        return answer["items"]
