"""User and token in base64, as a header wants it."""

import base64
import subprocess

import panoply

CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    rows = [{"id": 1}]

    def read(self, n=None):
        self.log("reading orders")
        rows, self.rows = self.rows, None
        login = base64.b64encode(f"{self.source['user']}:{self.source['token']}".encode()).decode()
        with subprocess.Popen(["true", f"--header=Authorization: Basic {login}"]) as process:
            process.wait()
        self.progress(1, 1)
        return rows
