"""A shell writes it to stderr."""

import os
import subprocess

import panoply

CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    rows = [{"id": 1}]

    def read(self, n=None):
        token = self.source["token"]
        subprocess.run("printenv ORDERS >&2", shell=True, check=True, env={**os.environ, "ORDERS": token})
        rows, self.rows = self.rows, None
        self.progress(1, 1)
        return rows
