"""It waits for a child process."""

import subprocess

import panoply

ALSO = ("read_ends_with_none",)
READ_TIMEOUT = 0.7
CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    def read(self, n=None):
        subprocess.run(["sleep", "600"], check=True)
        return None
