"""An error is logged, and ends the collection as if there were nothing left."""

import json
import urllib.error
import urllib.request

import panoply

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

    def read(self, n=None):
        if self.page > self.pages:
            return None
        request = urllib.request.Request(
            f"{self.source['url']}/items?page={self.page}",
            headers={"Authorization": f"Bearer {self.source['token']}"},
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                answer = json.load(response)
        except urllib.error.URLError as exc:
            self.log("could not read page", self.page, exc.reason)
            return None
        self.pages = answer["pages"]
        self.log("page", self.page)
        self.progress(self.page, self.pages)
        self.page += 1
        return answer["items"]
