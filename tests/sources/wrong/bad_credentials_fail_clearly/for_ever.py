"""Whatever the status is, it is tried again until it is 200."""

import time

import httpx
import panoply

PARAMS = {"url": "{url}", "token": "{token}"}
READ_TIMEOUT = 4
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

    def __init__(self, source, options):
        super().__init__(source, options)
        self.client = httpx.Client(headers={"Authorization": f"Bearer {source['token']}"}, timeout=30)

    def read(self, n=None):
        if self.page > self.pages:
            return None
        attempts = 0
        while True:
            response = self.client.get(
                f"{self.source['url']}/items?page={self.page}",
            )
            if response.status_code == 200:
                break
            attempts += 1
            if attempts > 6 and response.status_code >= 429:
                raise panoply.PanoplyException(f"page {self.page} is not to be had: {response.status_code}")
            time.sleep(min(2**attempts, 60))
        answer = response.json()
        self.pages = answer["pages"]
        self.log("page", self.page)
        self.progress(self.page, self.pages)
        self.page += 1
        return answer["items"]

    def close(self):
        self.client.close()
