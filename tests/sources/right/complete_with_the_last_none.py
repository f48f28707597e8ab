"""Only the read that finds nothing more knows that it is complete, and says so."""

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
    after = 0
    loaded = 0

    def read(self, n=None):
        response = requests.get(
            f"{self.source['url']}/items",
            params={"after": self.after, "limit": 30},
            headers={"Authorization": f"Bearer {self.source['token']}"},
            timeout=30,
        )
        if response.status_code == 401:
            raise panoply.PanoplyException("The API refused the token.", retryable=False)
        response.raise_for_status()
        rows = response.json()["items"]
        if not rows:
            self.progress(self.loaded, self.loaded, "complete")
            return None
        self.after = rows[-1]["id"]
        self.loaded += len(rows)
        self.log("up to", self.after)
        self.progress(self.loaded, self.loaded + 1, f"{self.loaded} so far")
        return rows
