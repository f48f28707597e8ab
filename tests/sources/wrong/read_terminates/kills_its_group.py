"""It kills its group of processes, to be rid of its children."""

import os
import signal

import panoply

ALSO = ("read_ends_with_none",)
CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    def read(self, n=None):
        os.killpg(0, signal.SIGTERM)
        return None
