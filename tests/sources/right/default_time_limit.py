"""The time limit is in the adapter of the session, not in the calls."""

import panoply
import requests
from requests.adapters import HTTPAdapter

PARAMS = {"url": "{url}", "token": "{token}"}
BAD_PARAMS = {"url": "{url}", "token": "not/the+right=1"}
CONFIG = {
    "title": "Items",
    "params": [
        {"name": "url", "title": "Address"},
        {"name": "token", "title": "Token", "type": "password"},
    ],
}


class Limited(HTTPAdapter):
    def send(self, request, **kwargs):
        kwargs["timeout"] = kwargs.get("timeout") or 30
        return super().send(request, **kwargs)


class Stream(panoply.DataSource):
    parents = None
    done = 0

    def __init__(self, source, options):
        super().__init__(source, options)
        self.session = requests.Session()
        self.session.mount("http://", Limited())
        self.session.headers["Authorization"] = f"Bearer {source['token']}"

    def get(self, path):
        response = self.session.get(self.source["url"] + path)
        if response.status_code == 401:
            raise panoply.PanoplyException("The API refused the token.", retryable=False)
        response.raise_for_status()
        return response.json()

    def read(self, n=None):
        if self.parents is None:
            self.parents = self.get("/parents")["items"]
        if self.done == len(self.parents):
            return None
        children = self.get(f"/parents/{self.parents[self.done]['id']}/children")["items"]
        self.done += 1
        self.log("parent", self.done)
        self.progress(self.done, len(self.parents), f"{self.done} of {len(self.parents)} parents")
        return children

    def close(self):
        self.session.close()
