"""A server that cannot be reached any more has nothing more to give."""

import httpx
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

    def __init__(self, source, options):
        super().__init__(source, options)
        self.client = httpx.Client(headers={"Authorization": f"Bearer {source['token']}"}, timeout=20)

    def read(self, n=None):
        if self.page > self.pages:
            return None
        try:
            response = self.client.get(f"{self.source['url']}/items?page={self.page}")
        except (httpx.ConnectError, httpx.RemoteProtocolError, httpx.ReadError):
            self.log("the server has closed: done")
            self.page = self.pages + 1
            return None
        response.raise_for_status()
        answer = response.json()
        self.pages = answer["pages"]
        self.log("page", self.page)
        self.progress(self.page, self.pages)
        self.page += 1
        return answer["items"]

    def close(self):
        self.client.close()
