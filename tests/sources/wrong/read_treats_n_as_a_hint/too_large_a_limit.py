"""n goes to the vendor as it is, who refuses a limit beyond 1000."""

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
    offset = 0

    def read(self, n=None):
        response = requests.get(
            f"{self.source['url']}/items",
            params={"offset": self.offset, "limit": n or 100},
            headers={"Authorization": f"Bearer {self.source['token']}"},
            timeout=30,
        )
        response.raise_for_status()
        answer = response.json()
        if not answer["items"]:
            return None
        self.offset += len(answer["items"])
        self.log("read", self.offset)
        self.progress(self.offset, answer["total"])
        return answer["items"]
