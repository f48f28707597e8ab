"""An export is ordered, waited for with no numbers to tell, and read; a new one is ordered only where there is none."""

import json
import time
import urllib.error
import urllib.request

import panoply

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
    export = None
    lines = None
    given = 0

    def ask(self, path, data=None):
        request = urllib.request.Request(
            self.source["url"] + path, data, headers={"Authorization": f"Bearer {self.source['token']}"}
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as response:
                return response.read()
        except urllib.error.HTTPError as exc:
            if exc.code == 401:
                raise panoply.PanoplyException("The API refused the token.", retryable=False) from None
            raise

    def wait(self):
        for _ in range(60):
            answer = json.loads(self.ask(f"/exports/{self.export}"))
            if answer["status"] == "done":
                return answer["url"]
            self.progress(None, None, "waiting for the export")
            time.sleep(1)
        raise panoply.PanoplyException("the export was not done within a minute")

    def read(self, n=None):
        if self.export is None:
            self.export = json.loads(self.ask("/exports", b""))["id"]
            self.log("ordered export", self.export)
        if self.lines is None:
            text = self.ask(self.wait()).decode()
            if not text.startswith("id,"):
                raise panoply.PanoplyException("what came instead of the export's file is no CSV")
            self.lines = text.splitlines()
        names, *rows = self.lines
        batch = rows[self.given : self.given + 50]
        if not batch:
            return None
        self.given += len(batch)
        self.progress(self.given, len(rows), f"{self.given} of {len(rows)} lines")
        return [dict(zip(names.split(","), row.split(","))) for row in batch]
