"""The file is closed where all went well, and left open by a line that cannot be read."""

import itertools
import json

import panoply

CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    number = 0
    file = None

    def read(self, n=None):
        self.log("reading orders")
        if self.number == 3:
            return None
        self.number += 1
        if self.number == 2:
            try:
                self.rows = self.parse()
            except ValueError:
                self.log("the second page is not JSON: left out")
        self.progress(self.number, 3)
        return [{"id": self.number}]

    def parse(self):
        self.file = open(__file__)
        rows = [json.loads(line) for line in itertools.islice(self.file, 9)]
        self.file.close()
        return rows
