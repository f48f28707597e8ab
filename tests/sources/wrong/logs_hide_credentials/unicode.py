"""It has letters that are not ASCII, and the URL holds them percent-encoded."""

import urllib.parse

import panoply

PARAMS = {"token": "pässwörd-für-alle"}
CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    rows = [{"id": 1}]

    def read(self, n=None):
        token = self.source["token"]
        self.log(urllib.parse.quote(token))
        rows, self.rows = self.rows, None
        self.progress(1, 1)
        return rows
