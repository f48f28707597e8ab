"""A generator that an exception has ended looks like one that has given everything."""

import json
import urllib.request

import panoply

ALSO = ("faults_are_reported",)
PARAMS = {"url": "{url}", "token": "{token}"}
CONFIG = {
    "title": "Items",
    "params": [
        {"name": "url", "title": "Address"},
        {"name": "token", "title": "Token", "type": "password"},
    ],
}


class Stream(panoply.DataSource):
    def __init__(self, source, options):
        super().__init__(source, options)
        self.batches = self.fetch()

    def read(self, n=None):
        return next(self.batches, None)

    def fetch(self):
        headers = {"Authorization": f"Bearer {self.source['token']}"}
        page = pages = 1
        while page <= pages:
            request = urllib.request.Request(f"{self.source['url']}/items?page={page}", headers=headers)
            with urllib.request.urlopen(request, timeout=30) as response:
                answer = json.load(response)
            pages = answer["pages"]
            self.log(f"page {page} of {pages}")
            self.progress(page, pages, f"{page} of {pages} pages")
            yield answer["items"]
            page += 1
