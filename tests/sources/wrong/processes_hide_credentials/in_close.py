"""Only close() logs out, by a program."""

import os
import sys

import panoply

CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    rows = [{"id": 1}]

    def read(self, n=None):
        self.log("reading orders")
        rows, self.rows = self.rows, None
        self.progress(1, 1)
        return rows

    def close(self):
        pid = os.posix_spawn(sys.executable, ["python", "-Sc", "", self.source["token"]], {})
        os.waitpid(pid, 0)
