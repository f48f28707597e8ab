"""When a stream of lines breaks off, the retry adds all of them to those it has."""

import json

import httpx
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
    done = False

    def read(self, n=None):
        if self.done:
            return None
        rows = []
        for attempt in range(3):
            try:
                with httpx.stream(
                    "GET",
                    f"{self.source['url']}/items.ndjson",
                    headers={"Authorization": f"Bearer {self.source['token']}"},
                    timeout=httpx.Timeout(30),
                ) as response:
                    response.raise_for_status()
                    for line in response.iter_lines():
                        rows.append(json.loads(line))
                break
            except httpx.TransportError as exc:
                self.log("attempt", attempt + 1, "broke off:", type(exc).__name__)
        else:
            raise panoply.PanoplyException("the stream of items broke off three times")
        self.done = True
        self.log("lines:", len(rows))
        self.progress(len(rows), len(rows))
        return rows
