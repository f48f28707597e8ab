"""The state is the next page, and resuming adds one to it."""

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
    pages = 5

    def __init__(self, source, options):
        super().__init__(source, options)
        state = source.get("state") or {}
        self.page = state["page"] + 1 if "page" in state else 1

    def read(self, n=None):
        if self.page > self.pages:
            return None
        response = requests.get(
            f"{self.source['url']}/items?page={self.page}",
            headers={"Authorization": f"Bearer {self.source['token']}"},
            timeout=30,
        )
        response.raise_for_status()
        answer = response.json()
        state_id = f"page-{self.page}"
        self.pages = answer["pages"]
        self.log(state_id)
        self.progress(self.page, self.pages)
        self.page += 1
        self.state(state_id, {"page": self.page})
        return [{**row, "__state": state_id} for row in answer["items"]]
