"""After None it exits."""

import sys

import panoply

CONFIG = {"title": "Orders", "params": []}


class Stream(panoply.DataSource):
    answers = [[{"id": 1}], None]
    number = 0

    def read(self, n=None):
        self.number += 1
        self.progress(1, 1)
        if self.number > 2:
            sys.exit(0)
        return self.answers[self.number - 1]
