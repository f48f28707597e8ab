"""It is percent-encoded within a URL that is percent-encoded."""

import urllib.parse

import panoply

CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    rows = [{"id": 1}]

    def read(self, n=None):
        token = self.source["token"]
        url = "https://acme.test/?token=" + urllib.parse.quote(token, safe="")
        self.log("redirected to https://login.test/?next=" + urllib.parse.quote(url, safe=""))
        rows, self.rows = self.rows, None
        self.progress(1, 1)
        return rows
