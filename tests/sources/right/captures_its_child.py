"""A child process prints the token, and its output is caught."""

import contextlib
import io
import os
import subprocess

import panoply

CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    def read(self, n=None):
        environment = {**os.environ, "ORDERS": self.source["token"]}
        subprocess.run(["printenv", "ORDERS"], env=environment, capture_output=True, check=True)
        with contextlib.redirect_stdout(io.StringIO()):
            print(self.source["token"])
        self.log("read")
        return None
