"""It tries again for ever, and logs the token each time."""

import time

import panoply

ALSO = ("read_ends_with_none", "read_terminates")
READ_TIMEOUT = 0.7
CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    def read(self, n=None):
        while True:
            self.log("trying again with", self.source["token"])
            time.sleep(0.1)
