"""The access token is kept in the state, to do without a refresh the next time."""

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
    def __init__(self, source, options):
        super().__init__(source, options)
        state = source.get("state") or {}
        self.token, self.after = state.get("session"), state.get("after", 0)

    def ask(self, path, form=None):
        headers = {} if form else {"Authorization": f"Bearer {self.token}"}
        request = urllib.request.Request(self.source["url"] + path, form, headers)
        with urllib.request.urlopen(request, timeout=30) as response:
            return json.load(response)

    def read(self, n=None):
        if self.token is None:
            form = urllib.parse.urlencode({"refresh_token": self.source["refresh_token"]}).encode()
            self.token = self.ask("/token", form)["access_token"]
            self.fire("source-change", {"access_token": self.token})
        answer = self.ask(f"/items?after={self.after}&limit=40")
        if not answer["items"]:
            return None
        self.after = answer["items"][-1]["id"]
        state_id = f"after {self.after}"
        self.log(state_id)
        self.progress(self.after, answer["total"])
        self.state(state_id, {"after": self.after, "session": self.token})
        return [{**row, "__state": state_id} for row in answer["items"]]
