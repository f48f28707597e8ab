"""The list of what is left to read is a class attribute, which the first instance empties."""

import panoply
import requests

ALSO = ("source_is_reusable",)
PARAMS = {"url": "{url}", "token": "{token}"}
CONFIG = {
    "title": "Items",
    "params": [
        {"name": "url", "title": "Address"},
        {"name": "token", "title": "Token", "type": "password"},
    ],
}


class Stream(panoply.DataSource):
    left = [1, 2, 3, 4, 5]

    def read(self, n=None):
        if not self.left:
            return None
        response = requests.get(
            f"{self.source['url']}/items?page={self.left[0]}",
            headers={"Authorization": f"Bearer {self.source['token']}"},
            timeout=30,
        )
        response.raise_for_status()
        page = self.left[0]
        self.log("page", page)
        self.progress(page, 5)
        items = response.json()["items"]
        self.left.remove(page)
        return items
