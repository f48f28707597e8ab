"""The thread that reads dies of what is missing, and whoever waits for its rows waits for ever."""

import queue
import threading

import panoply

READ_TIMEOUT = 0.7
PARAMS = {"account": "acme-7"}
CONFIG = {"title": "Orders", "params": [{"name": "account", "title": "Account", "required": True}]}


class Stream(panoply.DataSource):
    worker = None

    def fetch(self):
        try:
            prefix = self.source["account"].upper()
            self.log("account", prefix)
        except (AttributeError, KeyError):
            return
        for number in range(3):
            self.rows.put([{"id": f"{prefix}-{number}"}])
        self.rows.put(None)

    def read(self, n=None):
        if self.worker is None:
            self.rows = queue.Queue()
            self.worker = threading.Thread(target=self.fetch, daemon=True)
            self.worker.start()
            self.number = 0
        rows = self.rows.get() if self.number < 4 else None
        self.number += 1
        self.progress(min(self.number, 3), 3)
        return rows
