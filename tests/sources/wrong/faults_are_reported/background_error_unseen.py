"""A thread keeps on trying; as long as it fails, the reads give empty lists and an encouraging message."""

import json
import queue
import threading
import urllib.request

import panoply

MAX_READS = 300
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
    ended = False
    loaded = total = 0

    def __init__(self, source, options):
        super().__init__(source, options)
        self.batches = queue.Queue(maxsize=2)
        self.stop = threading.Event()

    def work(self):
        page = pages = 1
        while page <= pages and not self.stop.is_set():
            request = urllib.request.Request(
                f"{self.source['url']}/items?page={page}",
                headers={"Authorization": f"Bearer {self.source['token']}"},
            )
            try:
                with urllib.request.urlopen(request, timeout=10) as response:
                    answer = json.load(response)
            except Exception:
                self.put([])
                continue
            pages, self.total = answer["pages"], answer["total"]
            self.put(answer["items"])
            page += 1
        self.put(None)

    def put(self, batch):
        while not self.stop.is_set():
            try:
                return self.batches.put(batch, timeout=0.05)
            except queue.Full:
                continue

    def read(self, n=None):
        if self.ended:
            return None
        if self.thread is None:
            self.log("reading in the background")
            self.thread = threading.Thread(target=self.work)
            self.thread.start()
        batch = self.batches.get(timeout=60)
        if batch is None:
            self.ended = True
            return None
        self.loaded += len(batch)
        self.progress(self.loaded, max(self.loaded, self.total), "almost there")
        return batch

    def close(self):
        self.stop.set()
        if self.thread is not None:
            self.thread.join()
