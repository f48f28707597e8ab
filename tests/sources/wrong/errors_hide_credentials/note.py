"""A note for whoever debugs it says how the request can be repeated."""

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
    page = pages = 1

    def read(self, n=None):
        if self.page > self.pages:
            return None
        address = f"{self.source['url']}/items?page={self.page}"
        headers = {"Authorization": f"Bearer {self.source['token']}"}
        try:
            response = requests.get(address, headers=headers, timeout=30)
            response.raise_for_status()
            answer = response.json()
        except requests.RequestException as exc:
            exc.add_note(f"try: curl -H 'Authorization: {headers['Authorization']}' '{address}'")
            raise
        self.pages = answer["pages"]
        self.log("page", self.page)
        self.progress(self.page, self.pages)
        self.page += 1
        return answer["items"]
