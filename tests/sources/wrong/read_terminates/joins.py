"""It waits for a thread of its own that waits for it."""

import threading

import panoply

ALSO = ("read_ends_with_none",)
READ_TIMEOUT = 0.7
CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    def read(self, n=None):
        thread = threading.Thread(target=threading.Event().wait, daemon=True)
        thread.start()
        thread.join()
        return None
