"""A thread ends the process while read is at work."""

import os
import threading
import time

import panoply

ALSO = ("read_ends_with_none",)
CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    def read(self, n=None):
        threading.Thread(target=os._exit, args=(1,), daemon=True).start()
        time.sleep(5)
        return None
