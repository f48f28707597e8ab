"""A generator that dies of a fault, and is made anew from where it was."""

import json
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
    after = 0
    rows = None
    ended = False

    def fetch(self):
        ended = False
        while not ended:
            request = urllib.request.Request(
                f"{self.source['url']}/items?after={self.after}&limit=30",
                headers={"Authorization": f"Bearer {self.source['token']}"},
            )
            with urllib.request.urlopen(request, timeout=30) as response:
                answer = json.load(response)
            ended = answer["next"] is None
            self.after = answer["items"][-1]["id"]
            self.log("up to", self.after)
            self.progress(self.after, answer["total"])
            yield answer["items"]

    def read(self, n=None):
        if self.ended:
            return None
        if self.rows is None:
            self.rows = self.fetch()
        try:
            return next(self.rows)
        except StopIteration:
            self.ended = True
            return None
        except urllib.error.HTTPError as exc:
            self.rows = None
            if exc.code == 401:
                raise panoply.PanoplyException("The API refused the token.", retryable=False) from None
            raise
        except Exception:
            self.rows = None
            raise
