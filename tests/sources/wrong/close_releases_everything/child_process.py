"""A program that was started for the export runs on."""

import subprocess

import panoply

CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    export = None
    number = 0

    def read(self, n=None):
        self.log("reading orders")
        if self.number == 2:
            return None
        if self.export is None:
            self.export = subprocess.Popen(["sleep", "600"])
        self.number += 1
        self.progress(self.number, 2)
        return [{"id": self.number}]
