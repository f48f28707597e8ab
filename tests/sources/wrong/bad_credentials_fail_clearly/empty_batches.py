"""A token that is refused is refreshed, refused, refreshed: with an empty batch each time."""

import json
import urllib.error
import urllib.parse
import urllib.request

import panoply

MAX_READS = 300
PARAMS = {"url": "{url}", "token": "{token}", "refresh_token": "{refresh}"}
BAD_PARAMS = {"url": "{url}", "token": "not/the+right=1", "refresh_token": "nor/this+one=2"}
CONFIG = {
    "title": "Items",
    "params": [
        {"name": "url", "title": "Address"},
        {"name": "token", "title": "Token", "type": "password"},
        {"name": "refresh_token", "title": "Refresh token", "type": "password"},
    ],
}


class Stream(panoply.DataSource):
    page = pages = 1
    token = None

    def ask(self, path, form=None):
        headers = {} if form else {"Authorization": f"Bearer {self.token}"}
        request = urllib.request.Request(self.source["url"] + path, form, headers)
        with urllib.request.urlopen(request, timeout=30) as response:
            return json.load(response)

    def refresh(self):
        form = urllib.parse.urlencode({"refresh_token": self.source["refresh_token"]}).encode()
        try:
            self.token = self.ask("/token", form)["access_token"]
            self.fire("source-change", {"token": self.token})
        except urllib.error.HTTPError as exc:
            if exc.code != 401:
                raise
            self.log("the refresh token was refused")

    def read(self, n=None):
        if self.page > self.pages:
            return None
        self.token = self.token or self.source["token"]
        try:
            answer = self.ask(f"/items?page={self.page}")
        except urllib.error.HTTPError as exc:
            if exc.code != 401:
                raise
            self.progress(self.page - 1, self.pages, "signing in")
            self.refresh()
            return []
        self.pages = answer["pages"]
        self.log("page", self.page)
        self.progress(self.page, self.pages)
        self.page += 1
        return answer["items"]
