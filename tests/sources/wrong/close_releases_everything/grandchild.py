"""A shell starts a program in the background, and is gone itself."""

import subprocess

import panoply

CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    number = 0

    def read(self, n=None):
        self.log("reading orders")
        if self.number == 2:
            return None
        self.number += 1
        subprocess.run("sleep 600 &", shell=True, check=True)
        self.progress(self.number, 2)
        return [{"id": self.number}]
