"""The first read only signs in, and gives an empty list; a sign-in that fails is raised."""

import json
import urllib.error
import urllib.parse
import urllib.request

import panoply

PARAMS = {"url": "{url}", "refresh_token": "{refresh}"}
BAD_PARAMS = {"url": "{url}", "refresh_token": "not/the+right=1"}
CONFIG = {
    "title": "Items",
    "params": [
        {"name": "url", "title": "Address"},
        {"name": "refresh_token", "title": "Token", "type": "password"},
    ],
}


class Stream(panoply.DataSource):
    page = 0
    pages = 1
    token = None

    def ask(self, path, form=None):
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        try:
            request = urllib.request.Request(self.source["url"] + path, form, headers)
            with urllib.request.urlopen(request, timeout=30) as response:
                return json.load(response)
        except urllib.error.HTTPError as exc:
            if exc.code == 401:
                raise panoply.PanoplyException("The sign-in was refused. Connect the account anew.", False) from None
            raise

    def read(self, n=None):
        if self.page > self.pages:
            return None
        if self.token is None:
            form = urllib.parse.urlencode({"refresh_token": self.source["refresh_token"]}).encode()
            self.token = self.ask("/token", form)["access_token"]
            self.fire("source-change", {"access_token": self.token})
            self.progress(0, 1, "signed in")
            self.page = 1
            return []
        answer = self.ask(f"/items?page={self.page}")
        self.pages = answer["pages"]
        self.log("page", self.page)
        self.progress(self.page, self.pages)
        self.page += 1
        return answer["items"]
