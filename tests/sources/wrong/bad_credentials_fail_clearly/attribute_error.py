"""The answer to the login is used before anybody has looked whether there is one."""

import panoply
import requests

PARAMS = {"url": "{url}", "refresh_token": "{refresh}"}
BAD_PARAMS = {"url": "{url}", "refresh_token": "not/the+right=1"}
CONFIG = {
    "title": "Items",
    "params": [
        {"name": "url", "title": "Address"},
        {"name": "refresh_token", "title": "Token", "type": "password"},
    ],
}


class Stream(panoply.DataSource):
    page = pages = 1
    token = None

    def login(self):
        response = requests.post(
            f"{self.source['url']}/token", data={"refresh_token": self.source["refresh_token"]}, timeout=30
        )
        if response.status_code >= 429:
            raise panoply.PanoplyException(f"the login was answered with {response.status_code}")
        return response.json().get("access_token")

    def read(self, n=None):
        if self.page > self.pages:
            return None
        self.token = self.token or self.login().strip()
        response = requests.get(
            f"{self.source['url']}/items?page={self.page}",
            headers={"Authorization": f"Bearer {self.token}"},
            timeout=30,
        )
        response.raise_for_status()
        answer = response.json()
        self.pages = answer["pages"]
        self.log("page", self.page)
        self.progress(self.page, self.pages)
        self.page += 1
        return answer["items"]
