"""One session for the whole module, and the position is in its params."""

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


SESSION = requests.Session()


class Stream(panoply.DataSource):
    def __init__(self, source, options):
        super().__init__(source, options)
        SESSION.headers["Authorization"] = f"Bearer {source['token']}"
        SESSION.params = {"after": 0, "limit": 40}

    def read(self, n=None):
        response = SESSION.get(f"{self.source['url']}/items", timeout=30)
        response.raise_for_status()
        answer = response.json()
        if not answer["items"]:
            return None
        SESSION.params["after"] = answer["items"][-1]["id"]
        self.log("up to", SESSION.params["after"])
        self.progress(answer["items"][-1]["id"], answer["total"])
        return answer["items"]

    def close(self):
        SESSION.close()
