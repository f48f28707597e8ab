"""The token that it has just obtained is told to the user, to see that it worked."""

import json
import urllib.parse
import urllib.request

import panoply

PARAMS = {"url": "{url}", "refresh_token": "{refresh}"}
CONFIG = {
    "title": "Items",
    "params": [
        {"name": "url", "title": "Address"},
        {"name": "refresh_token", "title": "Token", "type": "password"},
    ],
}


class Stream(panoply.DataSource):
    token = None
    page = pages = 1

    def refresh(self):
        form = urllib.parse.urlencode({"refresh_token": self.source["refresh_token"]}).encode()
        with urllib.request.urlopen(f"{self.source['url']}/token", form, timeout=30) as response:
            self.token = json.load(response)["access_token"]
        self.fire("source-change", {"access_token": self.token})

    def read(self, n=None):
        if self.page > self.pages:
            return None
        if self.token is None:
            self.refresh()
        request = urllib.request.Request(
            f"{self.source['url']}/items?page={self.page}", headers={"Authorization": f"Bearer {self.token}"}
        )
        with urllib.request.urlopen(request, timeout=30) as response:
            answer = json.load(response)
        self.pages = answer["pages"]
        self.log("page", self.page)
        self.progress(self.page, self.pages, f"page {self.page}, signed in with {self.token}")
        self.page += 1
        return answer["items"]
