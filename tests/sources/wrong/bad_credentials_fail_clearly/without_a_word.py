"""An exception class for it, raised without a message."""

import panoply
import requests

PARAMS = {"url": "{url}", "token": "{token}"}
BAD_PARAMS = {"url": "{url}", "token": "not/the+right=1"}
CONFIG = {
    "title": "Items",
    "params": [
        {"name": "url", "title": "Address"},
        {"name": "token", "title": "Token", "type": "password"},
    ],
}


class Unauthorized(Exception):
    retryable = False


class Stream(panoply.DataSource):
    page = pages = 1

    def read(self, n=None):
        if self.page > self.pages:
            return None
        response = requests.get(
            f"{self.source['url']}/items?page={self.page}",
            headers={"Authorization": f"Bearer {self.source['token']}"},
            timeout=30,
        )
        if response.status_code == 401:
            raise Unauthorized
        response.raise_for_status()
        answer = response.json()
        self.pages = answer["pages"]
        self.log("page", self.page)
        self.progress(self.page, self.pages)
        self.page += 1
        return answer["items"]
