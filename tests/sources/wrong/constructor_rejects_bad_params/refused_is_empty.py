"""Without a token there is nothing to see at the far end, and that is taken for the end of the data."""

import panoply
import requests

PARAMS = {"url": "{url}", "token": "{token}"}
CONFIG = {
    "title": "Items",
    "params": [
        {"name": "url", "title": "Address"},
        {"name": "token", "title": "Token", "type": "password", "required": True},
    ],
}


class Stream(panoply.DataSource):
    page = pages = 1

    def read(self, n=None):
        if self.page > self.pages:
            return None
        headers = {"Authorization": f"Bearer {self.source.get('token', '')}"}
        response = requests.get(f"{self.source['url']}/items?page={self.page}", headers=headers, timeout=30)
        if response.status_code == 401:
            return None
        response.raise_for_status()
        answer = response.json()
        self.pages = answer["pages"]
        self.log("page", self.page)
        self.progress(self.page, self.pages)
        self.page += 1
        return answer["items"]
