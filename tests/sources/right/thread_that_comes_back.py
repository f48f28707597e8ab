"""A thread fetches one page ahead; its error is raised by read(), and the next read() sends it for the same page."""

import json
import threading
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


class Page(threading.Thread):
    def __init__(self, address, token):
        super().__init__(daemon=True)
        self.request = urllib.request.Request(address, headers={"Authorization": f"Bearer {token}"})
        self.answer = self.error = None

    def run(self):
        try:
            with urllib.request.urlopen(self.request, timeout=30) as response:
                self.answer = json.load(response)
        except Exception as exc:
            self.error = exc


class Stream(panoply.DataSource):
    page = pages = 1
    ahead = None

    def send(self):
        self.ahead = Page(f"{self.source['url']}/items?page={self.page}", self.source["token"])
        self.ahead.start()

    def read(self, n=None):
        if self.page > self.pages:
            return None
        if self.ahead is None:
            self.send()
        page, self.ahead = self.ahead, None
        page.join(60)
        if isinstance(page.error, urllib.error.HTTPError) and page.error.code == 401:
            raise panoply.PanoplyException("The API refused the token.", retryable=False)
        if page.answer is None:
            raise panoply.PanoplyException(f"page {self.page} was not fetched: {type(page.error).__name__}")
        self.pages = page.answer["pages"]
        self.log("page", self.page)
        self.progress(self.page, self.pages)
        self.page += 1
        if self.page <= self.pages:
            self.send()
        return page.answer["items"]

    def close(self):
        if self.ahead is not None:
            self.ahead.join(60)
            self.ahead = None
