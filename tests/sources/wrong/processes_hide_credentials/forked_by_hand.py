"""fork, then exec: the arguments are given in the child."""

import os

import panoply

CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    rows = [{"id": 1}]

    def read(self, n=None):
        self.log("reading orders")
        rows, self.rows = self.rows, None
        pid = os.fork()
        if pid == 0:
            os.execvp("true", ["true", "--token", self.source["token"]])
        os.waitpid(pid, 0)
        self.progress(1, 1)
        return rows
