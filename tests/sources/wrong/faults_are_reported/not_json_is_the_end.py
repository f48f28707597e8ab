"""A body that is no JSON is taken for the blank page that stands after the last one."""

import json

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
    page = 1
    loaded = 0

    def read(self, n=None):
        response = requests.get(
            f"{self.source['url']}/items?page={self.page}",
            headers={"Authorization": f"Bearer {self.source['token']}"},
            timeout=30,
        )
        response.raise_for_status()
        try:
            answer = json.loads(response.text)
        except json.JSONDecodeError:
            self.log("nothing on page", self.page)
            return None
        if not answer["items"]:
            return None
        self.log("page", self.page)
        self.page += 1
        self.loaded += len(answer["items"])
        self.progress(self.loaded, max(self.loaded, answer["total"]))
        return answer["items"]
