"""The offset is the number of the batch times n, whatever n was before."""

import panoply
import requests

PARAMS = {"url": "{url}", "token": "{token}"}
CONFIG = {
    "title": "Items",
    "params": [
        {"name": "url", "title": "Address"},
        {"name": "token", "title": "Token", "type": "password"},
    ],
}


class Stream(panoply.DataSource):
    batch = 0

    def read(self, n=None):
        n = min(n or 30, 30)
        response = requests.get(
            f"{self.source['url']}/items",
            params={"offset": self.batch * n, "limit": n},
            headers={"Authorization": f"Bearer {self.source['token']}"},
            timeout=30,
        )
        response.raise_for_status()
        answer = response.json()
        if not answer["items"]:
            return None
        loaded = min(self.batch * n + len(answer["items"]), answer["total"])
        self.batch += 1
        self.log("batch", self.batch)
        self.progress(loaded, answer["total"])
        return answer["items"]
