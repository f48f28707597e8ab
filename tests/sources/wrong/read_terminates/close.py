"""close() waits for a thread that never ends."""

import threading

import panoply

ALSO = ("close_is_idempotent",)
READ_TIMEOUT = 0.5
CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    def __init__(self, source, options):
        super().__init__(source, options)
        self.thread = threading.Thread(target=threading.Event().wait, daemon=True)

    def read(self, n=None):
        if not self.thread.is_alive():
            self.thread.start()
        return None

    def close(self):
        if self.thread.is_alive():
            self.thread.join()
