"""Whether the token is accepted is asked in the constructor, by an exception of its own that is not retryable."""

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


class TokenRefused(ValueError):
    retryable = False


class Stream(panoply.DataSource):
    page = pages = 1

    def __init__(self, source, options):
        super().__init__(source, options)
        try:
            self.get("/empty")
        except urllib.error.HTTPError as exc:
            if exc.code == 401:
                raise TokenRefused("This token is not valid: create one in the settings of your account.") from None

    def get(self, path):
        request = urllib.request.Request(
            self.source["url"] + path, headers={"Authorization": f"Bearer {self.source['token']}"}
        )
        with urllib.request.urlopen(request, timeout=30) as response:
            return json.load(response)

    def read(self, n=None):
        if self.page > self.pages:
            return None
        answer = self.get(f"/items?page={self.page}")
        self.pages = answer["pages"]
        self.log("page", self.page)
        self.progress(self.page, self.pages)
        self.page += 1
        return answer["items"]
