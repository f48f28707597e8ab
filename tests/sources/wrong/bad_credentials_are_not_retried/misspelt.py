"""The attribute is called retriable, which nobody asks for."""

import panoply
import requests

PARAMS = {"url": "{url}", "token": "{token}"}
BAD_PARAMS = {"url": "{url}", "token": "not/the+right=1"}
CONFIG = {
    "title": "Items",
    "params": [
        {"name": "url", "title": "Address"},
        {"name": "token", "title": "Token", "type": "password"},
    ],
}


class TokenRefused(Exception):
    retriable = False


class Stream(panoply.DataSource):
    page = pages = 1

    def read(self, n=None):
        if self.page > self.pages:
            return None
        response = requests.get(
            f"{self.source['url']}/items?page={self.page}", auth=("api", self.source["token"]), timeout=30
        )
        if response.status_code == 401:
            raise TokenRefused("The API refused the token. Create a new one, and enter it.")
        response.raise_for_status()
        answer = response.json()
        self.pages = answer["pages"]
        self.log("page", self.page)
        self.progress(self.page, self.pages)
        self.page += 1
        return answer["items"]
