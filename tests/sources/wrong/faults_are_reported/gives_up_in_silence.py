"""After three attempts it gives up, and does not say so."""

import contextlib
import time

import panoply
import requests

ALSO = ("read_survives_a_fault",)
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

    def fetch(self, page):
        for attempt in range(3):
            with contextlib.suppress(requests.RequestException):
                response = requests.get(
                    f"{self.source['url']}/items?page={page}",
                    headers={"Authorization": f"Bearer {self.source['token']}"},
                    timeout=(5, 20),
                )
                response.raise_for_status()
                return response.json()
            time.sleep(2**attempt)

    def read(self, n=None):
        if self.page > self.pages:
            return None
        answer = self.fetch(self.page)
        if not answer:
            self.log("no page", self.page)
            return None
        self.pages = answer["pages"]
        self.log("page", self.page)
        self.progress(self.page, self.pages)
        self.page += 1
        return answer["items"]
