"""The request is an argument of the exception, which str() does not show and repr() does."""

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


class ItemsError(panoply.PanoplyException):
    def __init__(self, message, request):
        super().__init__(message)
        self.args = (message, request)

    def __str__(self):
        return self.args[0]


class Stream(panoply.DataSource):
    after = 0
    ended = False

    def read(self, n=None):
        if self.ended:
            return None
        request = {
            "url": f"{self.source['url']}/items?after={self.after}&limit=50",
            "headers": {"Authorization": f"Bearer {self.source['token']}"},
        }
        try:
            with urllib.request.urlopen(urllib.request.Request(**request), timeout=30) as response:
                answer = json.load(response)
        except Exception:
            raise ItemsError("the items could not be read", request) from None
        self.ended = answer["next"] is None
        self.after = answer["items"][-1]["id"]
        self.log("up to", self.after)
        self.progress(self.after, answer["total"])
        return answer["items"]
