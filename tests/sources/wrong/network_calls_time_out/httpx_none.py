"""httpx has a limit of five seconds, until timeout=None takes it away."""

import httpx
import panoply

PARAMS = {"url": "{url}", "token": "{token}"}
CONFIG = {
    "title": "Items",
    "params": [
        {"name": "url", "title": "Address"},
        {"name": "token", "title": "Token", "type": "password"},
    ],
}


class Stream(panoply.DataSource):
    after = 0
    ended = False

    def __init__(self, source, options):
        super().__init__(source, options)
        self.client = httpx.Client(
            base_url=source["url"], timeout=None, headers={"Authorization": f"Bearer {source['token']}"}
        )

    def read(self, n=None):
        if self.ended:
            return None
        response = self.client.get("/items", params={"after": self.after, "limit": 50})
        response.raise_for_status()
        answer = response.json()
        self.ended = answer["next"] is None
        self.after = answer["items"][-1]["id"]
        self.log("up to", self.after)
        self.progress(self.after, answer["total"])
        return answer["items"]

    def close(self):
        self.client.close()
