"""The state is the address of the next page, as the vendor gave it: with the key."""

import json
import urllib.parse
import urllib.request

import panoply

PARAMS = {"url": "{url}", "key": "{token}"}
CONFIG = {
    "title": "Items",
    "params": [{"name": "url", "title": "Address"}, {"name": "key", "title": "API key", "type": "password"}],
}


class Stream(panoply.DataSource):
    loaded = 0

    def __init__(self, source, options):
        super().__init__(source, options)
        self.address = (source.get("state") or {}).get("next", self.address_of(0))

    def address_of(self, after):
        query = urllib.parse.urlencode({"after": after, "limit": 25, "key": self.source["key"]})
        return f"{self.source['url']}/items?{query}"

    def read(self, n=None):
        if self.address is None:
            return None
        with urllib.request.urlopen(self.address, timeout=30) as response:
            answer = json.load(response)
        rows = answer["items"]
        last = rows[-1]["id"]
        self.address = None if answer["next"] is None else self.address_of(answer["next"])
        self.log("up to", last)
        self.progress(last, answer["total"])
        self.state(f"up to {last}", {"next": self.address})
        return [{**row, "__state": f"up to {last}"} for row in rows]
