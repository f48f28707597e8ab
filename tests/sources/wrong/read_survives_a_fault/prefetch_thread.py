"""A thread fetches ahead; the first error ends it, with all that it had not fetched yet."""

import json
import queue
import threading
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
    thread = None
    error = None
    ended = False

    def __init__(self, source, options):
        super().__init__(source, options)
        self.pages = queue.Queue()

    def fetch(self):
        try:
            page = pages = 1
            while page <= pages:
                request = urllib.request.Request(
                    f"{self.source['url']}/items?page={page}",
                    headers={"Authorization": f"Bearer {self.source['token']}"},
                )
                with urllib.request.urlopen(request, timeout=20) as response:
                    answer = json.load(response)
                pages = answer["pages"]
                self.pages.put((page, pages, answer["items"]))
                page += 1
            self.pages.put(None)
        except Exception as exc:
            self.error = exc
            self.pages.put(None)

    def read(self, n=None):
        if self.thread is None:
            self.log("fetching ahead")
            self.thread = threading.Thread(target=self.fetch, daemon=True)
            self.thread.start()
        found = None if self.ended else self.pages.get(timeout=60)
        if found is None:
            self.ended = True
            if self.error is not None:
                raise panoply.PanoplyException(f"the items could not be fetched: {type(self.error).__name__}")
            return None
        page, pages, items = found
        self.progress(page, pages)
        return items

    def close(self):
        if self.thread is not None:
            self.thread.join()
