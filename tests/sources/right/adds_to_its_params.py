"""It adds defaults to the params, takes the state out, and replaces the token, which it announces."""

import json
import urllib.parse
import urllib.request

import panoply

PARAMS = {"url": "{url}", "refresh_token": "{refresh}", "access_token": "expired+5/30=Jk"}
BAD_PARAMS = {"url": "{url}", "refresh_token": "not/the+right=1", "access_token": "expired+5/30=Jk"}
CONFIG = {
    "title": "Items",
    "params": [
        {"name": "url", "title": "Address"},
        {"name": "refresh_token", "title": "Refresh token", "type": "password"},
        {"name": "access_token", "title": "Access token", "type": "hidden"},
    ],
}


class Stream(panoply.DataSource):
    total = 100

    def __init__(self, source, options):
        super().__init__(source, options)
        source.setdefault("limit", 40)
        self.after = (source.pop("state", None) or {}).get("after", 0)

    def ask(self, path, form=None):
        headers = {} if form else {"Authorization": f"Bearer {self.source['access_token']}"}
        request = urllib.request.Request(self.source["url"] + path, form, headers)
        with urllib.request.urlopen(request, timeout=30) as response:
            return json.load(response)

    def items(self):
        path = f"/items?after={self.after}&limit={self.source['limit']}"
        try:
            return self.ask(path)
        except urllib.error.HTTPError as exc:
            if exc.code != 401:
                raise
        form = urllib.parse.urlencode({"refresh_token": self.source["refresh_token"]}).encode()
        try:
            self.source["access_token"] = self.ask("/token", form)["access_token"]
        except urllib.error.HTTPError as exc:
            if exc.code == 401:
                raise panoply.PanoplyException("The account must be connected anew.", retryable=False) from None
            raise
        self.fire("source-change", {"access_token": self.source["access_token"]})
        return self.ask(path)

    def read(self, n=None):
        answer = self.items()
        if not answer["items"]:
            return None
        self.after = answer["items"][-1]["id"]
        self.log("up to", self.after)
        self.progress(self.after, answer["total"])
        self.state(f"after-{self.after}", {"after": self.after})
        return [{**row, "__state": f"after-{self.after}"} for row in answer["items"]]
