"""It kills its own process."""

import os
import signal

import panoply

ALSO = ("read_ends_with_none",)
CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    def read(self, n=None):
        os.kill(os.getpid(), signal.SIGKILL)
        return None
