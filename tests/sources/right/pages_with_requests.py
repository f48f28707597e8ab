"""Pages by requests, as it should be: the counter last, a limit for each call, a refusal that is not tried again."""

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


class Stream(panoply.DataSource):
    page = pages = 1

    def __init__(self, source, options):
        super().__init__(source, options)
        self.session = requests.Session()
        self.session.headers["Authorization"] = f"Bearer {source['token']}"

    def read(self, n=None):
        if self.page > self.pages:
            return None
        response = self.session.get(f"{self.source['url']}/items", params={"page": self.page}, timeout=(20, 30))
        if response.status_code == 401:
            raise panoply.PanoplyException("The API refused the token. Enter a valid one.", retryable=False)
        response.raise_for_status()
        answer = response.json()
        self.pages = answer["pages"]
        self.log("page", self.page, "of", self.pages)
        self.progress(self.page, self.pages, f"{self.page} of {self.pages} pages")
        self.page += 1
        return answer["items"]

    def close(self):
        self.session.close()
