"""A child process prints it."""

import subprocess

import panoply

CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    rows = [{"id": 1}]

    def read(self, n=None):
        token = self.source["token"]
        subprocess.run(["cat"], input=token.encode(), check=True)
        rows, self.rows = self.rows, None
        self.progress(1, 1)
        return rows
