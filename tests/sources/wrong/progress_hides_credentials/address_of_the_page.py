"""The message says which address is read, with the key in its query."""

import json
import urllib.parse
import urllib.request

import panoply

PARAMS = {"url": "{url}", "key": "{token}"}
CONFIG = {
    "title": "Items",
    "params": [{"name": "url", "title": "Address"}, {"name": "key", "title": "API key", "type": "password"}],
}


class Stream(panoply.DataSource):
    page = pages = 1

    def read(self, n=None):
        if self.page > self.pages:
            return None
        query = urllib.parse.urlencode({"page": self.page, "key": self.source["key"]})
        address = f"{self.source['url']}/items?{query}"
        with urllib.request.urlopen(address, timeout=30) as response:
            answer = json.load(response)
        self.pages = answer["pages"]
        self.log("page", self.page)
        self.progress(self.page, self.pages, f"GET {address}")
        self.page += 1
        return answer["items"]
