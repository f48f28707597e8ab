"""Lines are read as they come, and nobody sees that the last ones did not."""

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
    def read(self, n=None):
        if getattr(self, "done", False):
            return None
        request = urllib.request.Request(
            f"{self.source['url']}/items.csv", headers={"Authorization": f"Bearer {self.source['token']}"}
        )
        with urllib.request.urlopen(request, timeout=60) as response:
            names = response.readline().decode().split(",")
            rows = [dict(zip(names, line.decode().split(","))) for line in response if line.endswith(b"\n")]
        self.log("read", len(rows), "lines")
        self.progress(len(rows), len(rows), f"{len(rows)} lines")
        self.done = True
        return rows
