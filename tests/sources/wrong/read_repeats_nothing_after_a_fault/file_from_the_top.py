"""A file whose connection broke is read again from its first line."""

import json
import urllib.request

import panoply

PARAMS = {"url": "{url}", "token": "{token}"}
CONFIG = {
    "title": "Items",
    "params": [
        {"name": "url", "title": "Address"},
        {"name": "token", "title": "Token", "type": "password"},
    ],
}


class Stream(panoply.DataSource):
    response = None
    lines = 0
    done = False

    def read(self, n=None):
        if self.done:
            return None
        if self.response is None:
            self.log("opening the file")
            request = urllib.request.Request(
                f"{self.source['url']}/items.ndjson", headers={"Authorization": f"Bearer {self.source['token']}"}
            )
            self.response = urllib.request.urlopen(request, timeout=60)
        rows = []
        try:
            while len(rows) < 25:
                line = self.response.readline()
                if not line:
                    self.done = True
                    break
                rows.append(json.loads(line))
        except Exception:
            self.response.close()
            self.response = None
            raise
        if self.done and not rows:
            self.progress(self.lines, self.lines, "the whole file")
            return None
        self.lines += len(rows)
        self.progress(self.lines, self.lines)
        return rows

    def close(self):
        if self.response is not None:
            self.response.close()
