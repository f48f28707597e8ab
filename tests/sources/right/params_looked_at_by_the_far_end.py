"""It looks at nothing by itself: what it is given goes into the request, and what is wrong with that the URL shows."""

import panoply
import requests

WARNS = ("batches_are_large",)
PARAMS = {"url": "{url}", "token": "{token}", "which": 7, "kind": "items"}
BAD_PARAMS = {"url": "{url}", "token": "not/the+right=1", "which": 7, "kind": "items"}
CONFIG = {
    "title": "Items",
    "params": [
        {"name": "url", "title": "Address"},
        {"name": "token", "title": "Token", "type": "password", "required": True},
        {"name": "which", "title": "Which one", "type": "number"},
        {"name": "kind", "title": "Kind", "type": "select", "values": ["items"]},
    ],
}


class Stream(panoply.DataSource):
    done = False

    def read(self, n=None):
        if self.done:
            return None
        source = self.source
        headers = {"Authorization": f"Bearer {source.get('token')}"}
        path = (
            f"{source['kind']}/{source['which']}" if str(source["which"]).isdecimal() else f"by-name/{source['which']}"
        )
        response = requests.get(f"{source['url']}/{path}", headers=headers, timeout=30)
        if response.status_code == 401:
            raise panoply.PanoplyException("The API refused the token. Enter another one.", retryable=False)
        response.raise_for_status()
        row = response.json()
        self.done = True
        self.log("read it")
        self.progress(1, 1)
        return [row]
